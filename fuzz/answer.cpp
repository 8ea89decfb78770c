// SPDX-License-Identifier: MIT
// The answer to a submit, a query or a cancel: what is not signed is no report and proves nothing.
#include <type_traits>

#include "tixian/wechat/transfer_bills.hpp"
#include "wechat_side.hpp"

namespace {

using namespace tixian;  // NOLINT: this is the program
using fuzz::require;
using wechat::SignatureHeaders;

class NoRandom final : public Random {
    std::uint64_t next() override { return 0; }
};

wechat::Merchant merchant(bool unsigned_errors) {
    wechat::Merchant made;
    made.channel = ChannelName::parse("wechat").value();
    made.mchid = Mchid::parse("1900000001").value();
    made.appid = Appid::parse("wxf636efh567hg4356").value();
    made.unsigned_errors = unsigned_errors;
    return made;
}

const wechat::TransferBills& transfers(bool unsigned_errors) {
    static const fuzz::PlainSigner signer;
    static NoRandom random;
    static const wechat::TransferBills strict(merchant(false), signer, fuzz::keys(), random);
    static const wechat::TransferBills lenient(merchant(true), signer, fuzz::keys(), random);
    return unsigned_errors ? lenient : strict;
}

enum class Signed { by_wechat, by_nobody, falsely };

/// Three letters say what the call was, who signed, and whether unsigned errors are taken.
struct Scene {
    CallKind kind = CallKind::submit;
    Signed by = Signed::by_wechat;
    bool unsigned_errors = false;

    explicit Scene(std::string_view letters) {
        const auto has = [letters](char c) { return letters.find(c) != std::string_view::npos; };
        if (has('q')) kind = CallKind::query;
        if (has('c')) kind = CallKind::cancel;
        if (has('n')) by = Signed::by_nobody;
        if (has('f')) by = Signed::falsely;
        unsigned_errors = has('u');
    }
};

struct Checks {
    const Scene& scene;
    const wechat::HttpResponse& response;

    void operator()(const Report& report) const {
        require(scene.by == Signed::by_wechat && response.status / 100 == 2, "only a signed 2xx is a report");
        auto expected = json::parse(response.body).and_then(wechat::parse_bill).value();
        if (scene.kind == CallKind::cancel && expected.state == BillState::cancelled)
            expected.state = BillState::canceling;
        require(fuzz::is_same(report, expected), "a report is what stands in the body");
    }
    void operator()(const NotFound& absence) const {
        require(scene.kind == CallKind::query && response.status == 404, "only a query finds nothing");
        require(absence.verified == (scene.by == Signed::by_wechat), "only what is signed is verified");
        require(scene.by != Signed::falsely && (absence.verified || scene.unsigned_errors),
                "what is not signed counts only where that is switched on");
    }
    void operator()(const NoNews& news) const {
        require(news.http_status == response.status, "the status is kept");
        require(!news.verified || (scene.by == Signed::by_wechat && response.status / 100 != 2),
                "only what is signed is verified");
        require(scene.by == Signed::by_wechat || (scene.by == Signed::by_nobody && scene.unsigned_errors) ||
                    news.kind == NoNewsKind::unverified || news.kind == NoNewsKind::server_error,
                "an unsigned refusal is in doubt");
        require(scene.by == Signed::by_wechat || !is_proof_of_refusal(news),
                "what is not signed proves nothing");
        require(!news.retry_after || *news.retry_after >= Duration(0), "nobody waits for the past");
    }
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const Scene scene(input.line());
    wechat::HttpResponse response;
    response.status = static_cast<int>(input.number() % 1000);
    const std::string retry_after(input.line());
    response.body = input.rest();

    SignatureHeaders signature =
        scene.by == Signed::by_nobody ? SignatureHeaders{} : fuzz::sign(response.body);
    if (scene.by == Signed::falsely) signature.serial = fuzz::nobodys_serial;
    response.headers = fuzz::headers(signature);
    response.headers.add("Retry-After", retry_after);
    Call call;
    call.id = WithdrawalId::parse("WD1").value();
    call.kind = scene.kind;
    call.number = 7;

    const Answer answer = transfers(scene.unsigned_errors).answer(call, {response, fuzz::now, Duration(50)});

    require(answer.id == call.id && answer.kind == call.kind && answer.number == call.number,
            "an answer belongs to its call");
    std::visit(Checks{scene, response}, answer.result);
    return 0;
}
