// SPDX-License-Identifier: MIT
#include "simulator/protocol.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "mock/answers.hpp"
#include "mock/authorization.hpp"
#include "mock/call.hpp"
#include "mock/crypto.hpp"
#include "mock/notification_body.hpp"
#include "mock/signer.hpp"
#include "mock/transfer_answers.hpp"
#include "mock/transfer_request.hpp"
#include "tixian/wechat/aes_gcm.hpp"
#include "tixian/wechat/key_ring.hpp"
#include "tixian/wechat/notification.hpp"
#include "tixian/wechat/pem_signer.hpp"
#include "tixian/wechat/transfer_bills.hpp"

namespace tixian::sim {
namespace {

constexpr const char* apiv3_key = "0123456789abcdefghijklmnopqrstuv";  // of the simulator's own WeChat
constexpr const char* merchant_serial = "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C";
constexpr std::array serials{"PUB_KEY_ID_0114232134912410000000000001",
                             "PUB_KEY_ID_0114232134912410000000000002",
                             "PUB_KEY_ID_0000000000000000000000000000"};

/// Keys are made once for each run of the program. What they are shows in no trace, because a signature
/// either holds or does not.
struct Keys {
    mock::RsaKey merchant = mock::RsaKey::generate();
    /// WeChat's, its next one, and a forger's.
    std::array<mock::RsaKey, 3> wechat{mock::RsaKey::generate(), mock::RsaKey::generate(),
                                       mock::RsaKey::generate()};
};
const Keys& keys() {
    static const Keys made;
    return made;
}

mock::Request as_received(const wechat::HttpRequest& request) {
    mock::Request received;
    received.method = request.method;
    received.target = request.url;
    received.body = request.body;
    for (const auto& [name, value] : request.headers.fields()) received.headers.emplace_back(name, value);
    return received;
}

}  // namespace

namespace {

/// The library's own.
class TransferBillsProtocol : public Protocol {
 public:
    explicit TransferBillsProtocol(const Merchant& m)
        : keys_(m.keys),
          apiv3_key_(wechat::Apiv3Key::parse(m.apiv3_key).value()),
          transfers_({ChannelName::parse("wechat").value(),
                      m.mchid,
                      m.appid,
                      {},
                      "提现",
                      m.notify_url,
                      m.unsigned_errors},
                     m.signer, m.keys, m.random) {}

    [[nodiscard]] const Channel& channel() const override { return transfers_; }
    [[nodiscard]] Result<wechat::HttpRequest> request(const Call& call) const override {
        return transfers_.request(call);
    }
    [[nodiscard]] Answer answer(const Call& call, const wechat::HttpResult& result) const override {
        return transfers_.answer(call, result);
    }
    [[nodiscard]] Result<Report> read_notification(const wechat::Headers& headers, std::string_view body,
                                                   Timestamp now) const override {
        auto notification = wechat::read_notification(headers, body, keys_, apiv3_key_, now);
        if (!notification) return tl::unexpected(notification.error());
        if (auto* finished = std::get_if<wechat::BillFinished>(&notification->event))
            return std::move(finished->report);
        return refuse(ErrorCode::malformed, "not of a transfer", "event_type");
    }

 private:
    const wechat::KeyRing& keys_;
    wechat::Apiv3Key apiv3_key_;
    wechat::TransferBills transfers_;
};

}  // namespace

struct FullProtocol::Ends {
    Ends(const Setup& setup, const Subject& subject, Random& random)
        : signer(wechat::PrivateKey::from_pem(keys().merchant.private_pem()).value(), merchant_serial),
          merchants(merchant_of_ours()) {
        const Merchant merchant{Mchid::parse(WeChat::mchid).value(),
                                Appid::parse(WeChat::appid).value(),
                                "https://shop.example/notify",
                                apiv3_key,
                                setup.unsigned_errors,
                                signer,
                                ring,
                                random};
        ours = subject.make_protocol ? subject.make_protocol(merchant)
                                     : std::make_unique<TransferBillsProtocol>(merchant);
        for (std::size_t i = 0; i < 2; ++i)
            ring.add(serials[i], wechat::PublicKey::from_pem(keys().wechat[i].public_pem()).value());
    }

    [[nodiscard]] static mock::Merchant merchant_of_ours() {
        mock::Identity identity;
        identity.mchid = WeChat::mchid;
        identity.appid = WeChat::appid;
        identity.merchant_serial = merchant_serial;
        return {std::move(identity),
                keys().merchant,
                apiv3_key,
                keys().wechat[0],
                {},
                mock::Verification::public_key,
                false,
                {},
                {}};
    }

    [[nodiscard]] std::vector<std::pair<std::string, std::string>> sign(const std::string& body, Timestamp at,
                                                                        std::size_t key) const {
        return mock::Signer(keys().wechat[key], serials[key == 2 ? current : key]).headers(body, at);
    }

    [[nodiscard]] nlohmann::json written(CallKind kind, const bank::Bill& bill) const {
        if (kind == CallKind::submit) return mock::created(bill, switches);
        if (kind == CallKind::query) return mock::queried(bill, keys().merchant, switches);
        return mock::cancelled(bill, switches);
    }

    wechat::KeyRing ring;
    wechat::PemSigner signer;
    std::unique_ptr<Protocol> ours;
    mock::Merchants merchants;
    mock::Switches switches;
    std::size_t current = 0;  ///< the key that WeChat signs with
};

FullProtocol::FullProtocol(const Setup& setup, const Subject& subject, Random& random)
    : ends_(std::make_unique<Ends>(setup, subject, random)) {}
FullProtocol::~FullProtocol() = default;

const Channel& FullProtocol::channel() const { return ends_->ours->channel(); }
void FullProtocol::rotate_key() { ends_->current = 1 - ends_->current; }

Result<wechat::HttpRequest> FullProtocol::request(const Call& call) const {
    return ends_->ours->request(call);
}
Answer FullProtocol::answer(const Call& call, const wechat::HttpResult& result) const {
    return ends_->ours->answer(call, result);
}

Result<Report> FullProtocol::read(const Letter& letter, Timestamp now) const {
    return ends_->ours->read_notification(letter.headers, letter.body, now);
}

std::variant<bank::Order, wechat::HttpResponse> FullProtocol::receive(CallKind kind,
                                                                      const wechat::HttpRequest& request,
                                                                      Timestamp now) const {
    const auto respond = [&](const mock::Answer& answer) {
        wechat::HttpResponse response{answer.status, {}, answer.body};
        for (auto& [name, value] : ends_->sign(answer.body, now, ends_->current))
            response.headers.add(name, value);
        return response;
    };
    const mock::Request received = as_received(request);
    mock::Merchants::Known merchant;
    if (auto refused = mock::check_authorization(received, ends_->merchants, now, true, merchant))
        return respond(*refused);
    if (kind != CallKind::submit) return bank::Order{};
    auto order =
        mock::parse_transfer_request({received, *merchant, ends_->switches}, mock::TransferKind::plain);
    if (!order) return respond(order.error());
    return std::move(*order);
}

wechat::HttpResponse FullProtocol::write(CallKind kind, const Said& said) const {
    mock::Answer answer = mock::error_answer(said.status, said.code, "as the simulator wants");
    if (said.bill) {
        nlohmann::json body = ends_->written(kind, *said.bill);
        if (!said.unknown_state.empty()) body["state"] = said.unknown_state;
        answer = mock::json_answer(body);
    }
    wechat::HttpResponse response{said.bill && said.status == 200 ? 200 : said.status, {}, answer.body};
    if (!said.is_signed) return response;
    const std::size_t key = said.has_false_signature ? 2 : ends_->current;
    for (auto& [name, value] : ends_->sign(response.body, said.at, key)) response.headers.add(name, value);
    return response;
}

Letter FullProtocol::notification(const Notice& notice, Timestamp now) const {
    Letter letter;
    const std::string id = notice.id.empty() ? "aside" : notice.id;
    bank::DueNotification due;
    due.id = id;
    due.subject = notice.bill;
    letter.body = mock::notification_body(due, apiv3_key, ends_->switches);
    for (auto& [name, value] : ends_->sign(letter.body, now, notice.is_forged ? 2 : ends_->current))
        letter.headers.add(name, value);
    return letter;
}

std::string FullProtocol::stated_number(const wechat::HttpRequest& request) {
    const std::string_view path = "/v3/fund-app/mch-transfer/transfer-bills";
    const std::string place = std::string(path) + "/out-bill-no/";
    if (request.url.starts_with(place)) {
        const std::string rest = request.url.substr(place.size());
        const bool is_cancel = request.method == "POST" && rest.ends_with("/cancel");
        return is_cancel ? rest.substr(0, rest.size() - 7) : request.method == "GET" ? rest : std::string();
    }
    if (request.method != "POST" || request.url != path) return {};
    const auto body = nlohmann::json::parse(request.body, nullptr, false);
    return body.is_object() ? body.value("out_bill_no", "") : std::string();
}

Timestamp FullProtocol::stated_time(const wechat::HttpRequest& request) {
    const std::string header = request.headers.get("Authorization");
    const std::string key = "timestamp=\"";
    std::size_t at = header.find(key);
    std::int64_t seconds = 0;
    if (at == std::string::npos) return {};
    for (at += key.size(); at < header.size() && header[at] != '"'; ++at)
        seconds = seconds * 10 + (header[at] - '0');
    return Timestamp(std::chrono::seconds(seconds));
}

}  // namespace tixian::sim
