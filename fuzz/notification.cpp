// SPDX-License-Identifier: MIT
// A notification: headers and body from outside. The first byte says how far the input gets.
#include "tixian/wechat/notification.hpp"

#include <array>

#include "wechat_side.hpp"

namespace {

using namespace tixian;  // NOLINT: this is the program
using fuzz::Input;
using fuzz::require;

Result<wechat::Notification> read(const wechat::SignatureHeaders& signature, std::string_view body) {
    static const auto key = wechat::Apiv3Key::parse(fuzz::apiv3_key).value();
    return wechat::read_notification(fuzz::headers(signature), body, fuzz::keys(), key, fuzz::now);
}

/// Anything from anybody: never accepted.
void read_unsigned(Input input) {
    wechat::SignatureHeaders headers{std::string(input.line()), std::string(input.line()),
                                     std::string(input.line()), std::string(input.line())};
    if (headers.serial == fuzz::PlainSigner().serial()) headers.serial = fuzz::nobodys_serial;
    const auto read_as = read(headers, input.rest());

    require(!read_as, "what is not signed is not accepted");
    const ErrorCode code = read_as.error().code;
    require(code == ErrorCode::malformed || code == ErrorCode::stale || code == ErrorCode::unknown_serial ||
                code == ErrorCode::bad_signature,
            "what is not signed is refused for that, and never read");
}

/// Anything that WeChat signed: read or refused by name.
void read_signed(Input input) {
    const auto read_as = read(fuzz::sign(input.rest()), input.rest());
    require(read_as || read_as.error().code == ErrorCode::malformed ||
                read_as.error().code == ErrorCode::bad_ciphertext,
            "what WeChat signed is refused by name");
}

std::string envelope(std::string_view event_type, std::string_view plaintext) {
    constexpr std::string_view gcm_nonce = "wCq51qZv4Yfg";
    const std::string sealed =
        wechat::encrypt_aes_gcm(fuzz::apiv3_key, gcm_nonce, "mch_payment", plaintext).value();
    return R"({"id":"EV-1","create_time":"2025-01-01T00:00:00+08:00","resource_type":"encrypt-resource",)"
           R"("event_type":")" +
           std::string(event_type) +
           R"(","summary":"s","resource":{"original_type":"mch_payment","algorithm":"AEAD_AES_256_GCM",)"
           R"("associated_data":"mch_payment","nonce":")" +
           std::string(gcm_nonce) + R"(","ciphertext":")" + wechat::base64_encode(sealed) + R"("}})";
}

std::string_view event_type(std::int64_t number) {
    constexpr std::array<std::string_view, 6> types{
        "MCHTRANSFER.BILL.FINISHED",           "MCHTRANSFER.BATCH.FINISHED",       "MCHTRANSFER.BATCH.CLOSED",
        "MCHTRANSFER.AUTHORIZATION.CONFIRMED", "MCHTRANSFER.AUTHORIZATION.CLOSED", "TRANSACTION.SUCCESS"};
    return types.at(static_cast<std::uint64_t>(number) % types.size());
}

void check_same(const wechat::NotifiedEvent& read, const wechat::NotifiedEvent& expected) {
    require(read.index() == expected.index(), "an event is the one that it says");
    if (const auto* bill = std::get_if<wechat::BillFinished>(&read))
        require(fuzz::is_same(bill->report, std::get<wechat::BillFinished>(expected).report),
                "nothing is lost or added on the way");
}

/// Anything that WeChat encrypted and signed: says what stands in it; and one altered byte, and it is
/// refused.
void read_sealed(Input input) {
    const std::string_view type = event_type(input.number());
    const fuzz::Mutation mutation{input.number()};
    const auto place = static_cast<unsigned>(input.number()) % 5;
    constexpr std::size_t plaintext_bytes_max = 40'000;  // so that the envelope is not too large
    if (input.rest().size() > plaintext_bytes_max) return;
    std::string body = envelope(type, input.rest());
    wechat::SignatureHeaders signature = fuzz::sign(body);

    const auto notification = read(signature, body);
    const auto expected = json::parse(input.rest()).and_then([type](const json::Value& content) {
        return wechat::parse_event(type, content);
    });
    require(notification.has_value() == expected.has_value(), "what is sealed is read as what it is");
    if (notification) check_same(notification->event, *expected);

    std::string* const parts[] = {&body, &signature.timestamp, &signature.nonce, &signature.serial,
                                  &signature.signature};
    mutation.apply(*parts[place]);
    require(!read(signature, body), "what was altered is not accepted");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const std::string_view depth = input.line();
    if (depth == "signed") {
        read_signed(input);
    } else if (depth == "sealed") {
        read_sealed(input);
    } else {
        read_unsigned(input);
    }
    return 0;
}
