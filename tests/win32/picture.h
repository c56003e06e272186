#ifndef ERPSYNC_TESTS_WIN32_PICTURE_H
#define ERPSYNC_TESTS_WIN32_PICTURE_H

/* Show the window for a picture of it: a page (question, check, download,
 * failure) and a language. */
int picture_main(int argc, char **argv);

#endif
