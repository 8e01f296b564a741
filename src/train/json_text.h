/// JSON text for people: numbers in the fewest digits that read back to the same value, small
/// values on one line. (jansson prints 0.005 with 17 digits or loses digits of other numbers, and
/// breaks every list into lines.)
#ifndef TRAIN_JSON_TEXT_H
#define TRAIN_JSON_TEXT_H

#include <jansson.h>

/// A JSON number for a 32-bit value: the one of fewest digits that reads back to it.
json_t *json_float(float value);

/// @return text that the caller frees, ended by a line break; NULL where memory is short
char *json_text(json_t *json);

#endif
