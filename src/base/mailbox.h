/// Three-slot mailbox between one writer and one reader: the newest message wins and neither side
/// waits. It holds slot numbers only (0…2); the messages live with the owner, in an array of three.
/// At any time the writer owns one slot, the reader another, and the third lies between them.
#ifndef BASE_MAILBOX_H
#define BASE_MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>

typedef struct Mailbox {
    atomic_uint
        between; // the slot between the sides; MAILBOX_FRESH set while the reader has not seen it
    unsigned writing; // the writer's alone
    unsigned reading; // the reader's alone
} Mailbox;

void mailbox_init(Mailbox *box);

/// The slot that the writer may fill.  Thread: the writer.
unsigned mailbox_writing(const Mailbox *box);
/// Hands the filled slot over and takes another to fill.  Thread: the writer.  Never waits.
void mailbox_publish(Mailbox *box);
/// Takes the newest message, if there is one that the reader has not seen.  Thread: the reader.
/// Never waits.
/// @return true where mailbox_reading now names a new message
bool mailbox_take(Mailbox *box);
/// The slot that the reader may read, until its next successful take.  Thread: the reader.
unsigned mailbox_reading(const Mailbox *box);

#endif
