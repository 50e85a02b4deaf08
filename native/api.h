/* How a function is shown to src/native/library.ts. */
#ifndef VT_API_H
#define VT_API_H

#include "kernel.h"

#define VT_API(type, name, parameters)                                                             \
  VT_EXPORT type name parameters;                                                                  \
  type name parameters

#endif
