// SPDX-License-Identifier: MIT
#include <algorithm>
#include <thread>
#include <vector>

#include "signing/bare_key.hpp"
#include "signing/rows.hpp"
#include "tixian/wechat/pem_signer.hpp"
#include "tixian/wechat/signing.hpp"

namespace tixian::bench {

namespace {

// As long as real ones: wechat_spec 1.2 A.
constexpr std::string_view url = "/v3/fund-app/mch-transfer/transfer-bills";
constexpr std::string_view nonce = "593BEC0C930BF1AFEB40B4A08C8FB242";
constexpr std::string_view body =
    R"({"appid":"wxf636efh567hg4356","out_bill_no":"WD20250101123456ABCDEF123456","transfer_scene_id":"1010",)"
    R"("openid":"o-MYE42l80oelYMDE34nYD456Xoy","transfer_amount":1234,"transfer_remark":"提现",)"
    R"("notify_url":"https://pay.example.com/api/v1/payment/wechat/notify/transfer",)"
    R"("user_recv_perception":"二手回收货款","transfer_scene_report_infos":[{"info_type":"回收商品名称",)"
    R"("info_content":"旧衣物"}]})";

constexpr std::size_t signatures_of_a_round = 300;  // of each thread; about a tenth of a second

void sign_ours(const Signer& signer, std::size_t times) {
    static const auto mchid = Mchid::parse("1900000001").value();
    for (std::size_t i = 0; i < times; ++i) {
        const Timestamp at = from_millis(1'735'689'600'000 + static_cast<std::int64_t>(i));
        must(wechat::authorization(mchid, signer, "POST", url, at, nonce, body).has_value());
    }
}

/// OpenSSL's own loop: a context for the thread, one init and one signature each time.
void sign_bare(const BareKey& key, std::size_t times) {
    static const std::string message = wechat::request_message("POST", url, 1'735'689'600, nonce, body);
    const BareContext prepared = bare_context();
    must(EVP_DigestSignInit(prepared.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1);
    const BareContext context = bare_context();
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())), '\0');
    for (std::size_t i = 0; i < times; ++i) {
        std::size_t size = signature.size();
        must(EVP_MD_CTX_copy_ex(context.get(), prepared.get()) == 1 &&
             EVP_DigestSign(context.get(), octets(signature), &size, octets(message), message.size()) == 1);
    }
}

/// Signatures a second of so many threads together.
template <class Sign>
double rate(std::size_t threads, std::size_t times, const Sign& sign) {
    const Stopwatch watch;
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back([&] { sign(times); });
    sign(times);
    for (std::thread& other : others) other.join();
    return static_cast<double>(threads * times) / watch.seconds();
}

void measure_threads(Bench& bench, const std::string& id, std::size_t threads, const std::string& name) {
    if (!bench.wants(id)) return;
    constexpr double target = 0.95;
    const BareKey key;
    const wechat::PemSigner signer(wechat::PrivateKey::from_pem(key.private_pem()).value(),
                                   "5157F09EFDC096DE15");
    const std::size_t times = bench.size(signatures_of_a_round);
    Samples ours, bare;
    for (int round = 0; round < 8 * bench.rounds(); ++round) {  // short ones: both meet the same machine
        ours.add(rate(threads, times, [&](std::size_t n) { sign_ours(signer, n); }));
        bare.add(rate(threads, times, [&](std::size_t n) { sign_bare(key, n); }));
    }
    bench.progress(id + " " + name, ours, bare);
    bench.add({id, name, ours.median(), bare.median(), "signatures/s", Reach::at_least, target});
}

}  // namespace

void measure_requests(Bench& bench) {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    measure_threads(bench, "P1.1", 1, "sign requests, one thread");
    measure_threads(bench, "P1.all", cores, "sign requests, " + std::to_string(cores) + " threads");
}

}  // namespace tixian::bench
