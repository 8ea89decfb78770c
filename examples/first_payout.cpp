// SPDX-License-Identifier: MIT
// Pays one yuan out through tixian-mock:
//
//     tixian-mock --port 18080 --keys mock-keys --auto-confirm-ms 500 &
//     first_payout http://127.0.0.1:18080 mock-keys first_payout.db
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include <nlohmann/json.hpp>

#include <tixian/httplib/wechat_gateway.hpp>
#include <tixian/sqlite/sqlite_ledger.hpp>
#include <tixian/threads/system_clock.hpp>
#include <tixian/threads/workers.hpp>
#include <tixian/tixian.hpp>
#include <tixian/wechat/key_file.hpp>
#include <tixian/wechat/pem_signer.hpp>
#include <tixian/wechat/transfer_bills.hpp>

namespace {

using namespace tixian;  // NOLINT: an example

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

int pay(const std::string& address, const std::string& keys, const std::string& database) {
    const auto settings = nlohmann::json::parse(read(keys + "/merchant.json"));
    const auto private_key =
        wechat::PrivateKey::from_pem(wechat::read_key_file(keys + "/merchant_key.pem").value().view())
            .value();
    wechat::PemSigner signer(private_key, settings["merchant_serial"]);
    wechat::KeyRing wechat_keys;
    wechat_keys.add(settings["wechatpay_public_key_id"],
                    wechat::PublicKey::from_pem(read(keys + "/wechatpay_public_key.pem")).value());
    wechat::Merchant merchant;
    merchant.channel = ChannelName::parse("wechat").value();
    merchant.mchid = Mchid::parse(settings["mchid"].get<std::string>()).value();
    merchant.appid = Appid::parse(settings["appid"].get<std::string>()).value();

    const UserId user = UserId::parse("user-1").value();
    const Order order{
        user,
        IdempotencyKey::parse("order-20261123-1").value(),  // yours: the same again pays nothing twice
        Money::parse_yuan("1.00").value(),
        merchant.channel,
        Openid::parse("oUser0001").value(),
        "旧衣回收"};

    // --- README begins here
    SystemClock clock;
    wechat::SystemRandom random;
    auto ledger = SqliteLedger::open(database).value();
    wechat::TransferBills transfers(merchant, signer, wechat_keys, random);
    http::Transport transport({.base_url = address}, clock);
    http::WechatGateway gateway(transfers, transport);
    Service service(*ledger, {&transfers}, clock, random);
    Workers workers(service, gateway, {}, [](const Error& error) { std::puts(error.message.c_str()); });

    service.deposit(user, 100_fen, Reference::parse("top-up-1").value()).value();
    auto receipt = service.request(order, Terms{}).value();  // holds the money; the workers do the rest
    // --- README ends here

    std::printf("%s\n", receipt.withdrawal.id.text().c_str());
    for (int i = 0; i < 300; ++i) {
        const auto withdrawal = ledger->find(receipt.withdrawal.id).value().value();
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
    if (argc != 4) {
        std::fprintf(stderr, "usage: first_payout MOCK_ADDRESS MOCK_KEYS DATABASE\n");
        return 2;
    }
    return pay(argv[1], argv[2], argv[3]);
}
