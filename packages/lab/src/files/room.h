/* Keeps this process from running out of descriptors, of which each file that the kernel remembers takes one. */
#pragma once

void start_making_room(void);
