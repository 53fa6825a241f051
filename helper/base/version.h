/* The version of the program; plugin.json carries the same and a test compares them. */
#ifndef VERSION_H
#define VERSION_H

#define VERSION "1.0.0"

#endif
