// The mailbox under two threads: the reader must only ever see whole, ever newer messages.
#include "base/mailbox.h"

#include "base/thread.h"
#include "support.h"

enum { MESSAGES = 200000, WORDS = 16 };

typedef struct Exchange {
    Mailbox box;
    unsigned slots[3][WORDS];
} Exchange;

static void *write_all(void *arg) {
    Exchange *exchange = arg;
    for (unsigned message = 1; message <= MESSAGES; message++) {
        unsigned *slot = exchange->slots[mailbox_writing(&exchange->box)];
        for (int i = 0; i < WORDS; i++) slot[i] = message;
        mailbox_publish(&exchange->box);
    }
    return NULL;
}

static void test_newest_whole_message_wins(void **state) {
    (void)state;
    static Exchange exchange;
    mailbox_init(&exchange.box);
    pthread_t writer;
    assert_true(thread_start(&writer, write_all, &exchange, "writer", THREAD_BACKGROUND));
    unsigned last = 0;
    while (last < MESSAGES) {
        if (!mailbox_take(&exchange.box)) continue;
        const unsigned *slot = exchange.slots[mailbox_reading(&exchange.box)];
        assert_true(slot[0] > last);
        for (int i = 1; i < WORDS; i++) assert_int_equal(slot[i], slot[0]);
        last = slot[0];
    }
    pthread_join(writer, NULL);
    assert_false(mailbox_take(&exchange.box));
}

static void test_empty_until_published(void **state) {
    (void)state;
    Mailbox box;
    mailbox_init(&box);
    assert_false(mailbox_take(&box));
    unsigned first = mailbox_writing(&box);
    mailbox_publish(&box);
    assert_int_not_equal(mailbox_writing(&box), first);
    assert_true(mailbox_take(&box));
    assert_int_equal(mailbox_reading(&box), first);
    assert_false(mailbox_take(&box));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_until_published),
        cmocka_unit_test(test_newest_whole_message_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
