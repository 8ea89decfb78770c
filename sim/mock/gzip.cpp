// SPDX-License-Identifier: MIT
#include "mock/gzip.hpp"

#include <stdexcept>

#include <zlib.h>

namespace tixian::mock {

std::string gzip(std::string_view bytes) {
    constexpr int gzip_window = 15 + 16, memory = 8;
    z_stream stream{};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, memory, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        throw std::runtime_error("zlib failed");
    }
    std::string packed(deflateBound(&stream, bytes.size()), '\0');
    std::string input(bytes);  // zlib's interface is not const
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int result = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END) throw std::runtime_error("zlib failed");
    return packed;
}

}  // namespace tixian::mock
