// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "tixian/error.hpp"
#include "tixian/wechat/rsa_key.hpp"

namespace tixian::wechat {

/// By which hash WeChat names a file's content.
enum class HashType {
    sha1,    ///< bills, over the uncompressed text (wechat_spec 7)
    sha256,  ///< receipts (wechat_spec 1.8)
};

[[nodiscard]] constexpr std::string_view name(HashType type) {
    return type == HashType::sha1 ? "SHA1" : "SHA256";
}

/// Reads a `hash_type`. Refuses SM3 by name (`not_allowed`): it belongs to the variant with Chinese ciphers,
/// which is not spoken here; and what the sheet does not know (`malformed`).
[[nodiscard]] inline Result<HashType> parse_hash_type(std::string_view text) {
    if (text == "SHA1") return HashType::sha1;
    if (text == "SHA256") return HashType::sha256;
    if (text == "SM3") return refuse(ErrorCode::not_allowed, "SM3 is not supported", "hash_type");
    return refuse(ErrorCode::malformed, "must be SHA1 or SHA256", "hash_type");
}

/// The hash of a content that comes in pieces. Moves, and one that was moved from hashes nothing more; one
/// thread at a time.
class Digest {
 public:
    explicit Digest(HashType type) : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
        const detail::QuietErrors quiet;
        const EVP_MD* const algorithm = type == HashType::sha1 ? EVP_sha1() : EVP_sha256();
        is_good_ = context_ && EVP_DigestInit_ex(context_.get(), algorithm, nullptr) == 1;
    }

    void update(std::string_view piece) {
        const detail::QuietErrors quiet;
        is_good_ = is_good_ && context_ && EVP_DigestUpdate(context_.get(), piece.data(), piece.size()) == 1;
    }

    /// In lower-case hex; ends the digest. Empty where OpenSSL cannot compute it, which equals no hash.
    [[nodiscard]] std::string finish() {
        std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
        unsigned size = 0;
        const detail::QuietErrors quiet;
        is_good_ = is_good_ && context_ && EVP_DigestFinal_ex(context_.get(), bytes.data(), &size) == 1;
        std::string hex;
        for (unsigned i = 0; is_good_ && i < size; ++i) {
            constexpr std::string_view digits = "0123456789abcdef";
            hex += digits[bytes.at(i) >> 4];
            hex += digits[bytes.at(i) & 0xF];
        }
        is_good_ = false;
        return hex;
    }

 private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
    bool is_good_ = false;
};

/// Whether two texts in hex name the same bytes; letters count alike in both cases. An empty one names none.
[[nodiscard]] constexpr bool is_same_hex(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return 'A' <= c && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; };
    if (a.empty() || a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

}  // namespace tixian::wechat
