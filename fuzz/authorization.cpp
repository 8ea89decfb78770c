// SPDX-License-Identifier: MIT
// The Authorization header: the mock accepts what the library writes, and nothing altered or made up.
#include "mock/authorization.hpp"

#include <nlohmann/json.hpp>

#include "wechat_side.hpp"

namespace {

using namespace tixian;  // NOLINT: this is the program
using fuzz::Input;
using fuzz::require;

const mock::Identity& identity() {
    static const mock::Identity made{"1900000001", "wxf636efh567hg4356", fuzz::PlainSigner().serial(), ""};
    return made;
}

mock::Merchants merchants_of(const mock::RsaKey& certificate) {
    return mock::Merchants(
        {identity(), certificate, "", certificate, {}, mock::Verification::public_key, false, {}});
}

std::optional<mock::Answer> check(const mock::Request& request, const mock::Merchants& merchants) {
    mock::Merchants::Known merchant;
    auto answer = mock::check_authorization(request, merchants, fuzz::now, true, merchant);
    if (!answer) return answer;
    require(answer->status == 401, "a refusal is a 401");
    require(nlohmann::json::parse(answer->body).at("code") == "SIGN_ERROR", "a refusal says SIGN_ERROR");
    return answer;
}

mock::Request request_in(Input& input) {
    mock::Request request;
    request.method = input.line();
    request.target = input.line();
    return request;
}

/// Anything as a header: never accepted.
void read_made_up(Input input) {
    static const mock::Merchants nobodys = merchants_of(mock::RsaKey::generate());
    const std::string header(input.line());
    mock::Request request = request_in(input);
    request.body = input.rest();
    request.headers = {{"Authorization", header}};
    require(check(request, nobodys).has_value(), "what is made up is not accepted");
}

/// What the library signs is accepted; one altered byte, and it is not.
void read_written(Input input) {
    static const mock::Merchants ours =
        merchants_of(mock::RsaKey::parse_public(fuzz::PlainSigner::public_pem()).value());
    static const auto mchid = Mchid::parse(identity().mchid).value();
    const fuzz::Mutation mutation{input.number()};
    const auto place = static_cast<unsigned>(input.number()) % 4;
    const std::string nonce(input.line());
    mock::Request request = request_in(input);
    request.body = input.rest();
    const auto header = wechat::authorization(mchid, fuzz::PlainSigner(), request.method, request.target,
                                              fuzz::now, nonce, request.body);
    if (!header) return;
    request.headers = {{"Authorization", ""}};
    std::string& sent = request.headers.front().second;
    sent = *header;
    require(!check(request, ours), "what the library signs is accepted");

    std::string* const parts[] = {&sent, &request.method, &request.target, &request.body};
    if (parts[place]->empty()) return;
    mutation.apply(*parts[place]);
    require(check(request, ours).has_value(), "what was altered is not accepted");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    if (input.line() == "written") {
        read_written(input);
    } else {
        read_made_up(input);
    }
    return 0;
}
