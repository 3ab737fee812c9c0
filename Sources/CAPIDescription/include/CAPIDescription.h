#pragma once
#include <stddef.h>

/// Sources/API/openapi.json, as it was when the program was built. It lives as long as the program.
const unsigned char *api_description(void);
size_t api_description_length(void);
