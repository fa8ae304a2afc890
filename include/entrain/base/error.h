#ifndef ENTRAIN_BASE_ERROR_H
#define ENTRAIN_BASE_ERROR_H

/*
 * The error idiom. A function that can fail returns an int: ENT_OK, or one of the codes below, after it has
 * recorded what went wrong. The record is one per thread: the message of the first failure, and the frames
 * through which it travelled. Nothing here prints; the app layer reads the record and decides.
 */

#include <stdarg.h>

#define ENT_ERROR_CODES(X)                                                                                   \
  X(ENT_OK, 0, "no error")                                                                                   \
  X(ENT_ERR_ARGUMENT, 1, "invalid argument")                                                                 \
  X(ENT_ERR_MEMORY, 2, "out of memory")                                                                      \
  X(ENT_ERR_IO, 3, "input or output failed")                                                                 \
  X(ENT_ERR_FORMAT, 4, "malformed data")                                                                     \
  X(ENT_ERR_JOB_FILE, 5, "faults in the job file")                                                           \
  X(ENT_ERR_MISMATCH, 6, "belongs to another study")                                                         \
  X(ENT_ERR_BUSY, 7, "in use")                                                                               \
  X(ENT_ERR_PETSC, 8, "PETSc failed")                                                                        \
  X(ENT_ERR_MPI, 9, "MPI failed")                                                                            \
  X(ENT_ERR_HDF5, 10, "HDF5 failed")                                                                         \
  X(ENT_ERR_SYSTEM, 11, "system call failed")                                                                \
  X(ENT_ERR_INTERNAL, 12, "internal error")

typedef enum {
#define ENT_ERROR_ENUM(name, number, text) name = number,
  ENT_ERROR_CODES(ENT_ERROR_ENUM)
#undef ENT_ERROR_ENUM
} ent_code;

#define ENT_MUST_CHECK __attribute__((warn_unused_result))
#define ENT_PRINTF(text, first) __attribute__((format(printf, text, first)))

/* Name of a code, "ENT_ERR_IO"; never NULL. Not collective. */
const char *ent_error_name(int code);

/* Text of a code, "input or output failed"; never NULL. Not collective. */
const char *ent_error_text(int code);

/* Message of the last recorded failure of this thread; "" if there is none. Owned by the record. Not
 * collective. */
const char *ent_error_message(void);

/* Frames the last failure travelled through, innermost first, one a line; "" if none. Not collective. */
const char *ent_error_frames(void);

/* Forgets the record. Not collective. */
void ent_error_clear(void);

/* Starts a new record with the given code and message; returns the code. Used through ENT_CHECK and
 * ENT_RAISE. */
int ent_error_raise(int code, const char *function, const char *file, int line, const char *format, ...)
  ENT_PRINTF(5, 6);

/* Adds a frame to the record; returns the code. Used through ENT_TRY and ENT_GOTO. */
int ent_error_trace(int code, const char *function, const char *file, int line);

/* Calls, and returns on failure with a trace frame added. For functions that own nothing. */
#define ENT_TRY(call)                                                                                        \
  do {                                                                                                       \
    const int ent_code_ = (call);                                                                            \
    if (ent_code_ != ENT_OK) {                                                                               \
      (void)ent_error_trace(ent_code_, __func__, __FILE__, __LINE__);                                        \
      return ent_code_;                                                                                      \
    }                                                                                                        \
  } while (0)

/* Calls, and on failure sets `code`, adds a trace frame and goes to `done:`. For functions that own
 * something. */
#define ENT_GOTO(call)                                                                                       \
  do {                                                                                                       \
    code = (call);                                                                                           \
    if (code != ENT_OK) {                                                                                    \
      (void)ent_error_trace(code, __func__, __FILE__, __LINE__);                                             \
      goto done;                                                                                             \
    }                                                                                                        \
  } while (0)

/* Raises and returns. The code is returned as given, so that static analysis sees that it is not ENT_OK. */
#define ENT_RAISE(error, ...)                                                                                \
  do {                                                                                                       \
    (void)ent_error_raise((error), __func__, __FILE__, __LINE__, __VA_ARGS__);                               \
    return (error);                                                                                          \
  } while (0)

/* Raises and returns unless the condition holds. */
#define ENT_CHECK(condition, error, ...)                                                                     \
  do {                                                                                                       \
    if (!(condition)) ENT_RAISE(error, __VA_ARGS__);                                                         \
  } while (0)

/* Raises, sets `code` and goes to `done:` unless the condition holds. */
#define ENT_CHECK_GOTO(condition, error, ...)                                                                \
  do {                                                                                                       \
    if (!(condition)) {                                                                                      \
      code = (error);                                                                                        \
      (void)ent_error_raise(code, __func__, __FILE__, __LINE__, __VA_ARGS__);                                \
      goto done;                                                                                             \
    }                                                                                                        \
  } while (0)

#endif
