// SPDX-License-Identifier: MIT
// One transfer through tixian-mock: quickstart http://127.0.0.1:8085 mock-keys
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include <nlohmann/json.hpp>

#include <tixian/httplib/transport.hpp>
#include <tixian/threads/system_clock.hpp>
#include <tixian/wechat/bill_report.hpp>
#include <tixian/wechat/exchange.hpp>
#include <tixian/wechat/pem_signer.hpp>
#include <tixian/wechat/response.hpp>

using namespace tixian;  // NOLINT: an example
using namespace std::chrono_literals;

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

int main(int, char** argv) {
    const std::string base_url = argv[1], keys = argv[2];
    const auto merchant = nlohmann::json::parse(read(keys + "/merchant.json"));
    const auto merchant_key = wechat::PrivateKey::from_pem(read(keys + "/merchant_key.pem")).value();
    const wechat::PemSigner signer(merchant_key, merchant["merchant_serial"]);
    wechat::KeyRing wechatpay_keys;
    wechatpay_keys.add(merchant["wechatpay_public_key_id"],
                       wechat::PublicKey::from_pem(read(keys + "/wechatpay_public_key.pem")).value());
    SystemClock clock;
    wechat::SystemRandom random;
    const wechat::Exchange exchange(Mchid::parse(merchant["mchid"].get<std::string>()).value(), signer,
                                    wechatpay_keys, random);
    http::Transport transport({.base_url = base_url}, clock);

    // Signs the request, sends it once, verifies and reads the answer.
    const auto call = [&](const wechat::ApiRequest& request) {
        const auto signed_request = exchange.sign(request, clock.now(), clock.monotonic() + 30s).value();
        return exchange.read(transport.send(signed_request), wechat::parse_bill);
    };

    const std::string bills = "/v3/fund-app/mch-transfer/transfer-bills";
    const std::string number = "Cpp" + std::to_string(clock.now().time_since_epoch().count());
    const nlohmann::json order{
        {"appid", merchant["appid"]},
        {"out_bill_no", number},
        {"transfer_scene_id", "1010"},
        {"openid", "oConfirmsAtOnce"},  // such a user takes the money by himself
        {"transfer_amount", 1234},
        {"transfer_remark", "旧手机回收款"},
        {"transfer_scene_report_infos", {{{"info_type", "回收商品名称"}, {"info_content", "手机"}}}}};
    auto bill = call({"POST", bills, order.dump(), {}});
    for (int i = 0; i < 100 && bill; ++i) {
        std::printf("%s %s\n", number.c_str(), bill->raw_state.c_str());
        if (bill->state == BillState::success) return 0;
        if (bill->state == BillState::fail || bill->state == BillState::cancelled) return 1;
        std::this_thread::sleep_for(100ms);
        bill = call({"GET", bills + "/out-bill-no/" + number, {}, {}});
    }
    if (!bill) {
        const wechat::ApiError& error = bill.error();
        std::fprintf(stderr, "%s: %s %s\n", std::string(name(error.kind)).c_str(), error.code.c_str(),
                     error.message.c_str());
    }
    return 1;
}
