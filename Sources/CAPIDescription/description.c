// `#embed` instead of SwiftPM's .embedInCode: it compiles in milliseconds.
#pragma clang diagnostic ignored "-Wc23-extensions"
#include "CAPIDescription.h"

static const unsigned char content[] = {
#embed "../API/openapi.json"
};

const unsigned char *api_description(void) { return content; }
size_t api_description_length(void) { return sizeof content; }
