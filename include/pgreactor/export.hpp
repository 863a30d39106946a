#pragma once

/// Marks what the shared library exports; everything else is hidden.
#if defined(__GNUC__)
#define PGREACTOR_API __attribute__((visibility("default")))
#else
#define PGREACTOR_API
#endif
