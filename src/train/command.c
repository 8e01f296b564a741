/// Commands own what they carry until somebody obeys them.
#include "train/command.h"

void command_release(const Command *command) {
    if (command->kind == COMMAND_LOAD) experiment_release(command->experiment);
    if (command->kind == COMMAND_MOVE) param_vector_release(command->params);
}
