/* What each request meets before it is served: a wait, a hang or a failure, as ordered on standard input. */
#pragma once

#include <stdbool.h>

/* READ and WRITE are of contents; who changes a name or an attribute writes, too, as a server has to keep it. */
enum kind { READ, WRITE, METADATA, LOCK, KINDS };

/* Counts a request and keeps it for as long as one of its kind has to wait. Returns the error that it ends with, or 0. */
int admit(enum kind kind);

/* Whether nobody is to be answered now. */
bool hanging(void);

void sleep_for(long nanoseconds);

/* Does what standard input says, and answers each line with one, until the input ends. */
void obey(void);
