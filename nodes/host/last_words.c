#include "nodes/host/last_words.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/buf.h"
#include "proto/base/err.h"

static const char *program = "samband";

/* Only what a signal handler may do. */
static void say(const char *words)
{
    (void)!write(STDERR_FILENO, program, strlen(program));
    (void)!write(STDERR_FILENO, words, strlen(words));
}

static void no_memory(void)
{
    say(": det er ikke mer ledig minne; programmet stopper, og alt som var bekreftet, er i behold. "
        "Start det igjen / out of memory; the program stops, and all that was confirmed is safe. "
        "Start it again\n");
    _exit(SB_EXIT_ERROR);
}

static void unreadable(int number)
{
    (void)number;
    say(": databasen kan ikke leses: disken er skadet, eller filen er kortere enn den var. "
        "Programmet stopper; kontroller disken før det startes igjen / "
        "the database can't be read: the disk is damaged, or the file is shorter than it was. "
        "The program stops; check the disk before it is started again\n");
    _exit(SB_EXIT_VERIFY);
}

void sb_last_words(const char *name)
{
    const struct sigaction action = {.sa_handler = unreadable};
    program = name;
    sb_on_out_of_memory(no_memory);
    (void)sigaction(SIGBUS, &action, NULL);
}
