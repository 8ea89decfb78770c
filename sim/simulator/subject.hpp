// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tixian/channel.hpp"
#include "tixian/ledger.hpp"
#include "tixian/policy.hpp"
#include "tixian/random.hpp"
#include "tixian/signer.hpp"
#include "tixian/wechat/http.hpp"
#include "tixian/wechat/key_ring.hpp"

namespace tixian::sim {

/// What a gateway of one's own is configured with in a simulated world. Lives as long as the world.
struct Merchant {
    Mchid mchid;
    Appid appid;
    std::string notify_url;
    std::string apiv3_key;
    bool unsigned_errors = false;  ///< WeChat leaves error answers unsigned
    const Signer& signer;
    const wechat::KeyRing& keys;
    Random& random;
};

/// The port for a gateway of one's own: the same two halves as wechat::TransferBills, without I/O, because
/// the network in between is simulated.
class Protocol {
 public:
    virtual ~Protocol() = default;
    /// Named `wechat`.
    [[nodiscard]] virtual const Channel& channel() const = 0;
    [[nodiscard]] virtual Result<wechat::HttpRequest> request(const Call& call) const = 0;
    [[nodiscard]] virtual Answer answer(const Call& call, const wechat::HttpResult& result) const = 0;
    /// A notification as it came; refuses what is not WeChat's (R13).
    [[nodiscard]] virtual Result<Report> read_notification(const wechat::Headers& headers,
                                                           std::string_view body, Timestamp now) const = 0;
};

/// What is put under the simulator. What is empty is tixian's own.
struct Subject {
    /// The policy of every world, instead of a drawn one.
    std::optional<Policy> policy{};
    /// An empty ledger for one world. One thread calls it; it must do the same whenever it is asked the same.
    std::function<std::unique_ptr<Ledger>()> make_ledger{};
    /// A gateway's protocol for one world. With it every world goes through HTTP, JSON and real signatures.
    std::function<std::unique_ptr<Protocol>(const Merchant& merchant)> make_protocol{};
};

}  // namespace tixian::sim
