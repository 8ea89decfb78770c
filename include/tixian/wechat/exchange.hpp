// SPDX-License-Identifier: MIT
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/ids.hpp"
#include "tixian/random.hpp"
#include "tixian/signer.hpp"
#include "tixian/wechat/http.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/nonce.hpp"
#include "tixian/wechat/response.hpp"
#include "tixian/wechat/signing.hpp"

namespace tixian::wechat {

/// What to ask of one of WeChat's addresses, not signed yet. An endpoint is a function that makes such a
/// value, and one that reads the answer's JSON.
struct ApiRequest {
    std::string method = "GET";
    std::string url;         ///< path and query, percent-encoded
    std::string body;        ///< JSON; empty for none
    std::string key_serial;  ///< of WeChat's key that made the ciphertext in `body`; empty: none is in it
};

/// A path with a query, its values percent-encoded (RFC 3986, 2.3).
[[nodiscard]] inline std::string with_query(
    std::string_view path, std::initializer_list<std::pair<std::string_view, std::string_view>> parameters) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string url(path);
    char separator = '?';
    for (const auto& [name, value] : parameters) {
        url += std::exchange(separator, '&');
        url += name;
        url += '=';
        for (const char c : value) {
            const auto byte = static_cast<unsigned char>(c);
            const bool is_plain =
                tixian::detail::is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
            if (is_plain) {
                url += c;
            } else {
                url += {'%', hex[byte >> 4], hex[byte & 0xFu]};
            }
        }
    }
    return url;
}

/// One merchant's conversation with WeChat, without I/O: requests are signed, answers verified. Every address
/// of APIv3 is spoken to in this way. Thread-safe. Borrows signer, keys and random.
class Exchange {
 public:
    Exchange(Mchid mchid, const Signer& signer, const KeyRing& keys, Random& random)
        : mchid_(std::move(mchid)), signer_(signer), keys_(keys), random_(random) {}

    /// The request to send, as it is. `signed_at` goes into the signature whenever it is sent; after
    /// `send_deadline` no byte may leave (R2). Refuses what the signer refuses.
    [[nodiscard]] Result<HttpRequest> sign(const ApiRequest& request, Timestamp signed_at,
                                           MonotonicTime send_deadline) const {
        auto authorized = authorization(mchid_, signer_, request.method, request.url, signed_at,
                                        make_nonce(random_), request.body);
        if (!authorized) return tl::unexpected(authorized.error());
        HttpRequest http{request.method, request.url, {}, request.body, send_deadline};
        http.headers.add("Authorization", std::move(*authorized));
        http.headers.add("Accept", "application/json");
        if (!request.body.empty()) http.headers.add("Content-Type", "application/json");
        http.headers.add("User-Agent", "tixian/0.1");
        // Which of its keys WeChat is to answer with, and which key made the ciphertext (wechat_spec 4.4 c,
        // 4.5).
        const auto newest = keys_.newest(signed_at);
        const std::string serial = !request.key_serial.empty() ? request.key_serial
                                   : newest                    ? newest->first
                                                               : std::string();
        if (!serial.empty()) http.headers.add("Wechatpay-Serial", serial);
        return http;
    }

    /// Refuses (`invalid_key`) while there is no valid key of WeChat's: no answer could be believed, so
    /// nothing about money is to be asked.
    [[nodiscard]] Result<void> check_keys(Timestamp now) const {
        if (keys_.newest(now)) return {};
        return refuse(ErrorCode::invalid_key,
                      "there is no valid key of WeChat's: give its public key, or let the certificates load");
    }

    /// The answer, verified and read by `parse`: read_answer().
    template <class Parse>
    [[nodiscard]] auto read(const HttpResult& result, const Parse& parse) const {
        return read_answer(keys_, result, parse);
    }

    [[nodiscard]] const Mchid& mchid() const { return mchid_; }
    [[nodiscard]] const KeyRing& keys() const { return keys_; }

 private:
    Mchid mchid_;
    const Signer& signer_;
    const KeyRing& keys_;
    Random& random_;
};

}  // namespace tixian::wechat
