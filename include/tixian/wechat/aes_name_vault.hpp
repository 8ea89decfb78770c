// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "tixian/name_vault.hpp"
#include "tixian/random.hpp"
#include "tixian/wechat/aes_gcm.hpp"
#include "tixian/wechat/base64.hpp"
#include "tixian/wechat/rsa_key.hpp"

namespace tixian::wechat {

namespace detail {

inline Result<Secret> hmac_sha256(std::string_view key, std::string_view message) {
    const QuietErrors quiet;
    Secret digest(std::size_t{32});
    unsigned int size = 0;
    const auto* done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                            reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                            reinterpret_cast<unsigned char*>(digest.writable().data()), &size);
    if (done == nullptr || size != digest.view().size())
        return refuse(ErrorCode::invalid_key, "OpenSSL cannot compute HMAC-SHA256: check its providers");
    return digest;
}

inline std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4];
        text += digits[byte & 0xFu];
    }
    return text;
}

}  // namespace detail

/// Seals names with AES-256-GCM under keys in memory: `key id:base64 of nonce, ciphertext and tag`. Each of a
/// name's two uses has a key of its own, derived by HMAC-SHA256. Thread-safe when `random` is; give it one
/// that nobody can guess, such as SystemRandom.
class AesNameVault final : public NameVault {
 public:
    static constexpr std::size_t key_bytes = 32;

    explicit AesNameVault(Random& random) : random_(random) {}

    /// Adds a key; call it before the vault is shared. The first one also makes the fingerprints, so it has
    /// to stay the first for ever; the last one seals. A key is needed until the last withdrawal that it
    /// sealed is final. Refuses (`invalid_key`) what is not 32 bytes, and an id that is taken or is not 1 to
    /// 32 letters and digits.
    [[nodiscard]] Result<void> add_key(std::string id, std::string_view key) {
        const bool is_word = !id.empty() && id.size() <= 32 &&
                             std::all_of(id.begin(), id.end(), tixian::detail::is_alphanumeric);
        if (!is_word || find(id) != nullptr)
            return refuse(ErrorCode::invalid_key, "the key's id must be new, of 1 to 32 letters and digits",
                          "name_key_id");
        if (key.size() != key_bytes)
            return refuse(ErrorCode::invalid_key,
                          "the key for names must have exactly 32 bytes: make one with `openssl rand`",
                          "name_key");
        auto sealing = detail::hmac_sha256(key, "tixian real name: seal");
        auto printing = detail::hmac_sha256(key, "tixian real name: fingerprint");
        if (!sealing) return tl::unexpected(sealing.error());
        if (!printing) return tl::unexpected(printing.error());
        keys_.push_back({std::move(id), std::move(*sealing), std::move(*printing)});
        return {};
    }

    [[nodiscard]] Result<RealName> seal(const UserId& owner, std::string_view name) const override {
        if (keys_.empty()) return refuse(ErrorCode::invalid_key, "there is no key for names", "name_key");
        const Key& key = keys_.back();
        const std::string nonce = make_gcm_nonce();
        auto ciphertext = encrypt_aes_gcm(key.sealing.view(), nonce, owner.text(), name);
        if (!ciphertext) return tl::unexpected(ciphertext.error());
        auto print = fingerprint(owner, name);
        if (!print) return tl::unexpected(print.error());
        return RealName{key.id + ":" + base64_encode(nonce + *ciphertext), std::move(*print)};
    }

    [[nodiscard]] Result<Secret> open(const UserId& owner, const RealName& name) const override {
        const std::size_t colon = name.sealed.find(':');
        const Key* key = find(std::string_view(name.sealed).substr(0, colon));
        if (colon == std::string::npos)
            return refuse(ErrorCode::bad_ciphertext, "no sealed name", "real_name");
        if (key == nullptr)
            return refuse(ErrorCode::invalid_key,
                          "the name was sealed with the key " + name.sealed.substr(0, colon) +
                              ", which is not configured",
                          "real_name");
        const auto bytes = base64_decode(std::string_view(name.sealed).substr(colon + 1));
        if (!bytes || bytes->size() < gcm_nonce_bytes)
            return refuse(ErrorCode::bad_ciphertext, "no sealed name", "real_name");
        const std::string_view all(*bytes);
        auto plain = decrypt_aes_gcm(key->sealing.view(), all.substr(0, gcm_nonce_bytes), owner.text(),
                                     all.substr(gcm_nonce_bytes));
        if (!plain)
            return refuse(ErrorCode::bad_ciphertext, "the sealed name was changed, or is another user's",
                          "real_name");
        Secret secret(*plain);
        wipe(*plain);
        return secret;
    }

 private:
    struct Key {
        std::string id;
        Secret sealing;
        Secret printing;
    };

    [[nodiscard]] const Key* find(std::string_view id) const {
        const auto found =
            std::find_if(keys_.begin(), keys_.end(), [id](const Key& key) { return key.id == id; });
        return found == keys_.end() ? nullptr : &*found;
    }

    [[nodiscard]] Result<std::string> fingerprint(const UserId& owner, std::string_view name) const {
        // A user id holds no line feed, so no two pairs make one message.
        Secret message(owner.text().size() + 1 + name.size());
        char* const out = message.writable().data();
        std::memcpy(out, owner.text().data(), owner.text().size());
        out[owner.text().size()] = '\n';
        std::memcpy(out + owner.text().size() + 1, name.data(), name.size());
        return detail::hmac_sha256(keys_.front().printing.view(), message.view())
            .map([](const Secret& digest) { return detail::hex(digest.view()); });
    }

    [[nodiscard]] std::string make_gcm_nonce() const {
        const std::array<std::uint64_t, 2> bits{random_.next(), random_.next()};
        std::string nonce(gcm_nonce_bytes, '\0');
        std::memcpy(nonce.data(), bits.data(), nonce.size());
        return nonce;
    }

    Random& random_;
    std::vector<Key> keys_;  // oldest first
};

}  // namespace tixian::wechat
