#ifndef TOOLS_STANDARD_FDS_H
#define TOOLS_STANDARD_FDS_H

/*
 * A descriptor of the three that is closed would be given to the next file
 * that is opened, which then took what we print. Fill these so that reading
 * and writing them fails as it should. 0, or -1.
 */
int standard_fds_fill(void);

#endif
