// The portal's templates, style and script as bytes of the executable.
#pragma once

struct portal_file {
    /// 0 template, 1 asset.
    int kind;
    const char *name;
    /// Ends with a zero byte.
    const char *bytes;
};

/// The file at `index`, or a null pointer past the last.
const struct portal_file *portal_file(long index);
