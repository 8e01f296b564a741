/// Commands own what they carry until somebody obeys them.
#include "train/command.h"

void command_release(const Command *command) {
    if (command->kind == COMMAND_LOAD) experiment_release(command->experiment);
    bool puts = command->kind == COMMAND_MOVE || command->kind == COMMAND_RESTART;
    if (puts) param_vector_release(command->params);
}
