#ifndef ENTRAIN_SRC_COMM_TAGS_H
#define ENTRAIN_SRC_COMM_TAGS_H

/* All tags of the program. */
enum { ENT_TAG_MESSAGE = 1, ENT_TAG_NUMBERS };

#endif
