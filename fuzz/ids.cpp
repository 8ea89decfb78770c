// SPDX-License-Identifier: MIT
// Ids and remarks: what is accepted keeps its bytes and its bounds.
#include "tixian/ids.hpp"

#include <nlohmann/json.hpp>

#include "input.hpp"
#include "tixian/wechat/utf8.hpp"

namespace {

using tixian::fuzz::require;

template <class IdType, std::size_t length_max>
void check(std::string_view text) {
    const auto id = IdType::parse(text);
    if (!id) return;
    require(id->text() == text && !text.empty() && text.size() <= length_max, "an id keeps its bounds");
    require(text.find_first_of(std::string_view("\0\n\r\" '/", 7)) == std::string_view::npos ||
                !std::is_same_v<IdType, tixian::WithdrawalId>,
            "a number fits into a path");
}

/// As nlohmann_json's reader of strings has it.
bool is_utf8(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }, 'x');
    return nlohmann::json::accept('"' + text + '"');
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = tixian::fuzz::Input(data, size).rest();
    check<tixian::WithdrawalId, 32>(input);
    check<tixian::UserId, 64>(input);
    check<tixian::IdempotencyKey, 128>(input);
    check<tixian::ChannelName, 32>(input);
    check<tixian::Openid, 64>(input);
    check<tixian::Mchid, 32>(input);

    const auto characters = tixian::wechat::utf8_characters(input);
    require(characters.has_value() == is_utf8(std::string(input)),
            "characters are counted in UTF-8 and in nothing else");
    require(!characters || (*characters <= size && size <= 4 * *characters), "a character has 1 to 4 bytes");
    return 0;
}
