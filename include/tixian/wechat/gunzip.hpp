// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>

#include <zlib.h>

#include "tixian/error.hpp"

namespace tixian::wechat {

/// Takes a content piece by piece; its refusal ends what gives it.
using Sink = std::function<Result<void>(std::string_view)>;

/// Unpacks gzip (RFC 1952) that comes in pieces of any size, into pieces of at most 64 KiB, and never more
/// than `bytes_max` in all, however well it was packed. Moves; one thread at a time. After a refusal it
/// refuses everything.
class Gunzip {
 public:
    Gunzip(std::size_t bytes_max, Sink sink)
        : stream_(new z_stream{}), bytes_left_(bytes_max), sink_(std::move(sink)) {
        // 16: gzip and nothing else; its head, length and checksum are checked.
        is_good_ = inflateInit2(stream_.get(), 16 + MAX_WBITS) == Z_OK;
    }

    /// Refuses (`malformed`) what is not gzip, is damaged, or unpacks to more than `bytes_max`; and whatever
    /// the sink refuses.
    [[nodiscard]] Result<void> feed(std::string_view piece) {
        constexpr std::size_t slice_max = std::numeric_limits<uInt>::max();
        while (!piece.empty()) {
            const std::string_view slice = piece.substr(0, slice_max);
            Result<void> fed = is_good_ ? feed_slice(slice) : refuse(ErrorCode::malformed, "cannot unpack");
            is_good_ = fed.has_value();
            if (!is_good_) return fed;
            piece.remove_prefix(slice.size());
        }
        return {};
    }

    /// Refuses (`malformed`) a content that was cut off.
    [[nodiscard]] Result<void> finish() const {
        if (!is_good_ || !is_ended_) return refuse(ErrorCode::malformed, "the gzip content was cut off");
        return {};
    }

 private:
    struct Close {
        void operator()(z_stream* stream) const {
            inflateEnd(stream);
            delete stream;
        }
    };

    Result<void> feed_slice(std::string_view slice) {
        // zlib's interface takes the bytes as changeable, and leaves them as they are.
        stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(slice.data()));
        stream_->avail_in = static_cast<uInt>(slice.size());
        do {
            // One gzip member may follow another.
            if (is_ended_) inflateReset(stream_.get());
            stream_->next_out = reinterpret_cast<Bytef*>(buffer_.data());
            stream_->avail_out = static_cast<uInt>(buffer_.size());
            const int code = inflate(stream_.get(), Z_NO_FLUSH);
            is_ended_ = code == Z_STREAM_END;
            // What came before the damage is given first, so that the size of the pieces makes no difference.
            if (auto given = give(buffer_.size() - stream_->avail_out); !given) return given;
            // Z_BUF_ERROR: there is nothing to do until the next piece comes.
            if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
                return refuse(ErrorCode::malformed, "the content is not gzip, or is damaged");
        } while (stream_->avail_in != 0 || (!is_ended_ && stream_->avail_out == 0));
        return {};
    }

    Result<void> give(std::size_t size) {
        if (size == 0) return {};
        if (size > bytes_left_)
            return refuse(ErrorCode::malformed, "the content unpacks to more than is allowed");
        bytes_left_ -= size;
        return sink_({buffer_.data(), size});
    }

    std::unique_ptr<z_stream, Close> stream_;
    std::size_t bytes_left_;
    Sink sink_;
    std::array<char, std::size_t{64} * 1024> buffer_{};
    bool is_good_ = false;
    bool is_ended_ = false;
};

}  // namespace tixian::wechat
