#include "base/mailbox.h"

enum { FRESH = 4, SLOT = 3 };

void mailbox_init(Mailbox *box) {
    box->writing = 0;
    box->reading = 1;
    atomic_init(&box->between, 2u);
}

unsigned mailbox_writing(const Mailbox *box) {
    return box->writing;
}

void mailbox_publish(Mailbox *box) {
    // Release what was written, acquire the slot that the reader let go.
    unsigned old =
        atomic_exchange_explicit(&box->between, box->writing | FRESH, memory_order_acq_rel);
    box->writing = old & SLOT;
}

bool mailbox_take(Mailbox *box) {
    if (!(atomic_load_explicit(&box->between, memory_order_relaxed) & FRESH)) return false;
    unsigned old = atomic_exchange_explicit(&box->between, box->reading, memory_order_acq_rel);
    box->reading = old & SLOT;
    return true;
}

unsigned mailbox_reading(const Mailbox *box) {
    return box->reading;
}
