// SPDX-License-Identifier: MIT
// Base64: each byte string has one text, and the mock's own reader accepts the same ones.
#include "tixian/wechat/base64.hpp"

#include "input.hpp"
#include "mock/text.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tixian;  // NOLINT: this is the program
    const std::string_view input = fuzz::Input(data, size).rest();

    const auto encoded = wechat::base64_encode(input);
    fuzz::require(wechat::base64_decode(encoded) == std::string(input), "what is encoded is decoded again");
    fuzz::require(encoded == mock::base64(input), "both write the same");

    const auto decoded = wechat::base64_decode(input);
    const auto as_the_mock = mock::parse_base64(input);
    fuzz::require(decoded.has_value() == as_the_mock.has_value(), "both accept the same");
    if (!decoded) return 0;
    fuzz::require(*decoded == *as_the_mock, "both read the same");
    fuzz::require(wechat::base64_encode(*decoded) == input, "no second text is accepted");
    return 0;
}
