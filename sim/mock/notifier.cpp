// SPDX-License-Identifier: MIT
#include "mock/notifier.hpp"

#include <mutex>
#include <set>

#include <httplib.h>

#include "mock/notification_body.hpp"
#include "mock/text.hpp"

namespace tixian::mock {
namespace {

constexpr std::size_t sender_count = 4;
// wechat_spec 3: the merchant answers within 5 s.
constexpr time_t connect_timeout_s = 2, answer_timeout_s = 5;

}  // namespace

// The clients that are sending, so that stop() can cut them off.
struct Notifier::InFlight {
    std::mutex mutex;
    std::set<httplib::Client*> clients;
    bool is_stopped = false;
};

namespace {

template <class Register>
class Registered {
 public:
    Registered(Register& all, httplib::Client& client) : all_(all), client_(client) {
        const std::lock_guard lock(all_.mutex);
        is_stopped_ = all_.is_stopped;
        all_.clients.insert(&client_);
    }
    ~Registered() {
        const std::lock_guard lock(all_.mutex);
        all_.clients.erase(&client_);
    }
    Registered(const Registered&) = delete;
    Registered& operator=(const Registered&) = delete;
    [[nodiscard]] bool is_stopped() const { return is_stopped_; }

 private:
    Register& all_;
    httplib::Client& client_;
    bool is_stopped_ = false;
};

}  // namespace

Notifier::Notifier(LiveBank& bank, const Merchants& merchants, const LiveSwitches& switches,
                   const Clock& clock)
    : bank_(bank),
      merchants_(merchants),
      switches_(switches),
      clock_(clock),
      in_flight_(std::make_unique<InFlight>()) {}

Notifier::~Notifier() { stop(); }

void Notifier::start() {
    for (std::size_t i = 0; i < sender_count; ++i) threads_.emplace_back([this] { run(); });
}

void Notifier::stop() {
    {
        const std::lock_guard lock(in_flight_->mutex);
        in_flight_->is_stopped = true;
        for (httplib::Client* client : in_flight_->clients) client->stop();
    }
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void Notifier::run() {
    while (const auto notification = bank_.next_notification()) {
        bool ok = false;
        try {
            ok = send(*notification);
        } catch (const std::exception&) {
            ok = false;  // a notify_url that the HTTP client cannot take is a notification that does not
                         // arrive
        }
        bank_.with(
            [&](bank::Bank& bank, Timestamp now) { bank.notification_answered(notification->id, ok, now); });
    }
}

bool Notifier::send(const bank::DueNotification& notification) {
    const auto url = parse_http_url(notification.notify_url);
    const auto merchant = merchants_.find(notification.mchid);
    // Without an APIv3 key nothing is ever sent (wechat_spec, Account setup).
    if (!url || !merchant || merchant->apiv3_key.empty()) return false;
    // A connection of its own each time: an idle one would occupy a thread of many a receiver.
    httplib::Client client(url->origin);
    client.set_tcp_nodelay(true);
    client.set_keep_alive(false);
    client.set_connection_timeout(connect_timeout_s);
    client.set_read_timeout(answer_timeout_s);
    client.set_write_timeout(answer_timeout_s);
    client.enable_server_certificate_verification(false);  // test receivers have test certificates
    const Registered registered(*in_flight_, client);
    if (registered.is_stopped()) return false;

    const std::string body = notification_body(notification, merchant->apiv3_key, switches_.get());
    httplib::Headers headers = {
        {"User-Agent", "Mozilla/4.0"}, {"Accept", "*/*"}, {"Request-ID", random_text(30) + "-0"}};
    for (auto& [name, value] : merchant->notification_signer().headers(body, clock_.now()))
        headers.emplace(name, value);
    const auto result = client.Post(url->path, headers, body, "application/json");
    return result && (result->status == 200 || result->status == 204);
}

}  // namespace tixian::mock
