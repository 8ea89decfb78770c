// SPDX-License-Identifier: MIT
// tixian's WeChat protocol over libcurl; nothing of tixian opens a socket here. Pays one yuan out through
// tixian-mock:
//
//     tixian-mock --port 18080 --keys mock-keys --auto-confirm-ms 500 &
//     libcurl_gateway http://127.0.0.1:18080 mock-keys
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>

#include <curl/curl.h>
#include <nlohmann/json.hpp>

#include <tixian/memory/memory_ledger.hpp>
#include <tixian/threads/system_clock.hpp>
#include <tixian/threads/workers.hpp>
#include <tixian/tixian.hpp>
#include <tixian/wechat/key_file.hpp>
#include <tixian/wechat/pem_signer.hpp>
#include <tixian/wechat/transfer_bills.hpp>

namespace {

using namespace tixian;  // NOLINT: an example

// --- docs/wechat.md begins here
struct Sending {
    MonotonicTime deadline;
    const Clock& clock;
    bool has_begun = false;
    std::string body = {};
};
// libcurl is connected and has sent nothing yet: the last moment to ask whether it still may (R2).
int may_begin(void* to, char*, char*, int, int) {
    auto& sending = *static_cast<Sending*>(to);
    sending.has_begun = may_still_be_sent(sending.deadline, sending.clock.monotonic());
    return sending.has_begun ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}
std::size_t receive(char* data, std::size_t, std::size_t size, void* to) {
    static_cast<Sending*>(to)->body.append(data, size);
    return size;
}

wechat::HttpResult send(CURL* curl, std::string url, const wechat::HttpRequest& request, const Clock& clock) {
    const MonotonicTime begun = clock.monotonic();
    Sending sending{request.send_deadline, clock};
    curl_slist* headers = nullptr;
    for (const auto& [name, value] : request.headers.fields())
        headers = curl_slist_append(headers, (name + ": " + value).c_str());
    curl_easy_setopt(curl, CURLOPT_URL, (url += request.url).c_str());
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);  // what is signed is what is sent
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT,
                     1L);  // on a dead kept one libcurl would send it again by itself
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 20'000L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (request.method == "POST")
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    if (request.method == "POST") curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, request.body.c_str());
    curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, may_begin);
    curl_easy_setopt(curl, CURLOPT_PREREQDATA, &sending);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sending);

    const bool is_answered = curl_easy_perform(curl) == CURLE_OK;
    curl_slist_free_all(headers);
    if (!is_answered) {
        const auto failure =
            sending.has_begun ? wechat::TransportFailure::lost : wechat::TransportFailure::not_sent;
        return {failure, clock.now(), clock.monotonic() - begun};
    }
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    wechat::HttpResponse response{static_cast<int>(status), {}, std::move(sending.body)};
    curl_header* header = nullptr;
    while ((header = curl_easy_nextheader(curl, CURLH_HEADER, 0, header)) != nullptr)
        response.headers.add(header->name, header->value);
    return {std::move(response), clock.now(), clock.monotonic() - begun};
}

/// For the workers, or for whoever else holds a call.
class CurlGateway : public Gateway {
 public:
    CurlGateway(const wechat::Transfers& transfers, std::string host, const Clock& clock)
        : transfers_(transfers), host_(std::move(host)), clock_(clock) {}

    [[nodiscard]] Answer perform(const Call& call) override {
        const auto request = transfers_.request(call);
        if (!request) return wechat::Transfers::not_sent(call, request.error());
        const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
        return transfers_.answer(call, send(curl.get(), host_, *request, clock_));
    }

 private:
    const wechat::Transfers& transfers_;
    const std::string host_;
    const Clock& clock_;
};
// --- docs/wechat.md ends here

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

int pay(const std::string& address, const std::string& keys) {
    const auto settings = nlohmann::json::parse(read(keys + "/merchant.json"));
    const auto private_key =
        wechat::PrivateKey::from_pem(wechat::read_key_file(keys + "/merchant_key.pem").value().view())
            .value();
    const wechat::PemSigner signer(private_key, settings["merchant_serial"]);
    wechat::KeyRing wechat_keys;
    wechat_keys.add(settings["wechatpay_public_key_id"],
                    wechat::PublicKey::from_pem(read(keys + "/wechatpay_public_key.pem")).value());
    wechat::Merchant merchant;
    merchant.channel = ChannelName::parse("wechat").value();
    merchant.mchid = Mchid::parse(settings["mchid"].get<std::string>()).value();
    merchant.appid = Appid::parse(settings["appid"].get<std::string>()).value();

    SystemClock clock;
    wechat::SystemRandom random;
    MemoryLedger ledger;
    const wechat::TransferBills transfers(merchant, signer, wechat_keys, random);
    CurlGateway gateway(transfers, address, clock);
    Service service(ledger, {&transfers}, clock, random);

    const UserId user = UserId::parse("user-1").value();
    service.deposit(user, 100_fen, Reference::parse("top-up-1").value()).value();
    const auto receipt = service
                             .request({user, IdempotencyKey::parse("order-1").value(), 100_fen,
                                       merchant.channel, Openid::parse("oUser0001").value(), "旧衣回收"},
                                      Terms{})
                             .value();
    for (int i = 0; i < 300; ++i) {
        const auto calls = service.claim(16).value();
        for (const Call& call : calls) {
            if (!service.record(gateway.perform(call))) return 1;
        }
        const auto withdrawal = ledger.find(receipt.withdrawal.id).value().value();
        if (is_final(withdrawal.state)) {
            std::printf("%s\n", std::string(name(withdrawal.state)).c_str());
            return withdrawal.state == State::succeeded ? 0 : 1;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: libcurl_gateway MOCK_ADDRESS MOCK_KEYS\n");
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const int code = pay(argv[1], argv[2]);
    curl_global_cleanup();
    return code;
}
