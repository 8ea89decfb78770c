// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/wechat/aes_gcm.hpp"
#include "tixian/wechat/encrypted_resource.hpp"
#include "tixian/wechat/http.hpp"
#include "tixian/wechat/json.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/notified_event.hpp"
#include "tixian/wechat/response.hpp"
#include "tixian/wechat/verification.hpp"

namespace tixian::wechat {

/// A notification's size is bounded before anything is done with it; a real one has about a kilobyte.
inline constexpr std::size_t notification_bytes_max = std::size_t{64} * 1024;

/// A verified and decrypted notification of any kind (wechat_spec 3).
struct Envelope {
    std::string id;  ///< the same when WeChat repeats it
    std::optional<Timestamp> create_time;
    std::string event_type;
    std::string summary;
    std::string original_type;  ///< may be empty
    std::string content;        ///< the decrypted JSON
};

/// Verifies and decrypts. `body` is the raw bytes as they came. Refuses by name; nothing of a refused one may
/// be acted upon (R13). Before the signature holds, nothing of the body is looked at but its length.
[[nodiscard]] inline Result<Envelope> open_notification(const Headers& headers, std::string_view body,
                                                        const KeyRing& keys, const Apiv3Key& key,
                                                        Timestamp now) {
    if (body.size() > notification_bytes_max)
        return refuse(ErrorCode::malformed, "the notification has more than 64 KiB", "body");
    if (auto verified = verify(keys, signature_headers(headers), body, now); !verified)
        return tl::unexpected(verified.error());

    const auto json = json::parse(body);
    if (!json) return tl::unexpected(json.error());
    const json::Value* resource = json->find("resource");
    if (resource == nullptr || resource->kind != json::Kind::object)
        return refuse(ErrorCode::malformed, "is missing", "resource");
    Envelope envelope;
    envelope.id = json->string("id").value_or("");
    envelope.event_type = json->string("event_type").value_or("");
    envelope.summary = json->string("summary").value_or("");
    envelope.original_type = resource->string("original_type").value_or("");
    if (envelope.event_type.empty()) return refuse(ErrorCode::malformed, "is missing", "event_type");
    auto created = detail::time_member(*json, "create_time");
    if (!created) return tl::unexpected(created.error());
    envelope.create_time = *created;
    auto content = decrypt_resource(*resource, key);
    if (!content) return tl::unexpected(content.error());
    envelope.content = std::move(*content);
    return envelope;
}

/// A notification and what it tells.
struct Notification {
    Envelope envelope;
    NotifiedEvent event;
};

/// The same, and reads the content. An event that is not known here is an UnknownEvent; a known one whose
/// content is not as documented is refused, naming the member.
[[nodiscard]] inline Result<Notification> read_notification(const Headers& headers, std::string_view body,
                                                            const KeyRing& keys, const Apiv3Key& key,
                                                            Timestamp now) {
    auto envelope = open_notification(headers, body, keys, key, now);
    if (!envelope) return tl::unexpected(envelope.error());
    auto event = json::parse(envelope->content).and_then([&](const json::Value& content) {
        return parse_event(envelope->event_type, content);
    });
    if (!event) return tl::unexpected(event.error());
    return Notification{std::move(*envelope), std::move(*event)};
}

/// What to answer WeChat's server with: within 5 seconds, or it notifies again (wechat_spec 3).
struct NotificationReply {
    int status = 0;
    std::string body;  ///< JSON, or empty
};

/// Only after the event is safely stored (R13).
[[nodiscard]] inline NotificationReply reply_stored() { return {204, {}}; }

/// WeChat will notify again: 4xx for what is refused, 5xx for what could not be stored now. What is wrong
/// inside is not for its eyes.
[[nodiscard]] inline NotificationReply reply_refused(const Error& why) {
    int status = 400;
    if (why.code == ErrorCode::bad_signature || why.code == ErrorCode::unknown_serial ||
        why.code == ErrorCode::stale)
        status = 401;
    if (why.code == ErrorCode::commit_in_doubt || why.code == ErrorCode::ledger_unavailable ||
        why.code == ErrorCode::ledger_damaged || why.code == ErrorCode::conflict)
        status = 500;
    const std::string message = status == 500 ? "it cannot be stored now" : why.message;
    return {status, nlohmann::json{{"code", "FAIL"}, {"message", message}}.dump(
                        -1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

}  // namespace tixian::wechat
