// SPDX-License-Identifier: MIT
#include "mock/notifier.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

#include <httplib.h>

#include "mock/notification_body.hpp"
#include "mock/text.hpp"

namespace tixian::mock {
namespace {

// Several merchants who do not answer, each with as many as he may have out, leave some for the others.
constexpr std::size_t sender_count = 4 * LiveBank::notifications_at_once;
// wechat_spec 3: the merchant answers within 5 s.
constexpr time_t connect_timeout_s = 2, answer_timeout_s = 5;
constexpr std::chrono::seconds whole_timeout(5);

}  // namespace

// The clients that are sending. Each is cut off when it was given long enough, whatever still comes in drops;
// and all of them by stop().
struct Notifier::InFlight {
    using Clock = std::chrono::steady_clock;

    void watch() {
        std::unique_lock lock(mutex);
        while (!is_stopped) {
            Clock::time_point next = Clock::time_point::max();
            for (auto& [client, until] : clients) {
                if (until <= Clock::now()) {
                    client->stop();
                    until = Clock::time_point::max();
                }
                next = std::min(next, until);
            }
            if (next == Clock::time_point::max()) {
                changed.wait(lock);
            } else {
                changed.wait_until(lock, next);
            }
        }
    }
    void stop() {
        const std::lock_guard lock(mutex);
        is_stopped = true;
        for (auto& [client, until] : clients) client->stop();
        changed.notify_all();
    }

    std::mutex mutex;
    std::condition_variable changed;
    std::map<httplib::Client*, Clock::time_point> clients;
    bool is_stopped = false;
    std::thread watcher;
};

namespace {

template <class Register>
class Registered {
 public:
    Registered(Register& all, httplib::Client& client) : all_(all), client_(client) {
        const std::lock_guard lock(all_.mutex);
        is_stopped_ = all_.is_stopped;
        all_.clients.emplace(&client_, std::chrono::steady_clock::now() + whole_timeout);
        all_.changed.notify_all();
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

Notifier::Notifier(Parts parts) : parts_(std::move(parts)), in_flight_(std::make_unique<InFlight>()) {}

Notifier::~Notifier() { stop(); }

void Notifier::start() {
    in_flight_->watcher = std::thread([this] { in_flight_->watch(); });
    for (std::size_t i = 0; i < sender_count; ++i) threads_.emplace_back([this] { run(); });
}

void Notifier::stop() {
    in_flight_->stop();
    if (in_flight_->watcher.joinable()) in_flight_->watcher.join();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void Notifier::run() {
    while (const auto notification = parts_.bank.next_notification()) {
        begin(*notification);
        parts_.bank.notification_is_done(notification->mchid);
    }
}

// One that was put off comes back here when its time has come, with what was drawn for it then.
void Notifier::begin(const bank::DueNotification& notification) {
    if (const auto plan = take_waiting(notification.id)) return finish(*plan, notification);
    const MailingPlan plan = draw(notification);
    if (plan.rotates_key) parts_.rotate_key(notification.mchid);
    const Duration wait = plan.is_held() ? plan.held_within : plan.late_by;
    if (wait.count() == 0) return finish(plan, notification);
    {
        const std::lock_guard lock(mutex_);
        waiting_[notification.id] = {plan, notification};
    }
    const bool is_pending = parts_.bank.with([&](bank::Bank& bank, Timestamp now) {
        return bank.postpone_notification(notification.id, now + wait);
    });
    if (!is_pending) static_cast<void>(take_waiting(notification.id));
}

MailingPlan Notifier::draw(const bank::DueNotification& notification) {
    faults::Situation situation;
    situation.endpoint = faults::Endpoint::notification;
    situation.mchid = notification.mchid;
    if (const auto* bill = std::get_if<bank::Bill>(&notification.subject)) {
        situation.number = bill->order.out_bill_no;
        situation.openid = bill->order.openid;
        situation.amount = bill->order.amount;
    }
    if (const auto* batch = std::get_if<bank::Batch>(&notification.subject)) {
        situation.number = batch->order.out_batch_no;
        if (const auto total = batch->order.total()) situation.amount = *total;
    }
    if (const auto* authorization = std::get_if<bank::Authorization>(&notification.subject)) {
        situation.number = authorization->order.out_authorization_no;
        situation.openid = authorization->order.openid;
    }
    return plan_mailings(notification, parts_.faults.draw(std::move(situation), parts_.business.now()));
}

void Notifier::finish(const MailingPlan& plan, const bank::DueNotification& notification) {
    bool ok = false;
    for (const Mailing& mailing : plan.mailings) {
        // Alone it would contradict nothing: whoever heard only this one could not know better.
        if (mailing.guise == Guise::contradicting && !ok) continue;
        const int status = mail(mailing, plan.faults);
        const bool counts = mailing.guise == Guise::true_one || mailing.guise == Guise::spoiled;
        if (counts) ok = status == 200 || status == 204;
    }
    parts_.bank.with([&](bank::Bank& bank, Timestamp now) {
        bank.notification_answered(notification.id, ok, now);
        // Another one of the merchant was sent: those that were held back for it come after it.
        for (const std::string& id : held_of(notification.mchid)) bank.postpone_notification(id, now);
    });
}

std::optional<MailingPlan> Notifier::take_waiting(const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(id);
    if (found == waiting_.end()) return std::nullopt;
    MailingPlan plan = std::move(found->second.plan);
    waiting_.erase(found);
    return plan;
}

std::vector<std::string> Notifier::held_of(const std::string& mchid) {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> ids;
    for (const auto& [id, one] : waiting_) {
        if (one.plan.is_held() && one.notification.mchid == mchid) ids.push_back(id);
    }
    return ids;
}

void Notifier::forget(const std::string& mchid) {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_,
                  [&](const auto& one) { return mchid.empty() || one.second.notification.mchid == mchid; });
}

int Notifier::replay(const bank::DueNotification& notification) {
    return mail({Guise::repeated, notification, {}, false}, {"notification_repeated"});
}

int Notifier::mail(const Mailing& mailing, const std::vector<std::string>& faults) {
    JournalEntry entry;
    const Journal::Era era = parts_.journal.era(mailing.notification.mchid);
    entry.kind = JournalKind::notification;
    entry.at = parts_.real.now();
    entry.business_at = parts_.business.now();
    entry.method = "POST";
    entry.target = parts_.faults.rewritten(mailing.notification.notify_url);
    entry.body = notification_plain(mailing.notification, parts_.switches.get());
    entry.mchid = mailing.notification.mchid;
    entry.faults = faults;
    entry.is_believable = mailing.is_believable();
    entry.notification_id = mailing.notification.id;
    const MonotonicTime begun = parts_.real.monotonic();
    try {
        entry.status = mailing.is_sent() ? send(mailing) : 0;
    } catch (const std::exception&) {
        entry.status = 0;  // an address that the HTTP client cannot take is one that nothing reaches
    }
    entry.took = parts_.real.monotonic() - begun;
    if (entry.status != 0) entry.told_at = parts_.real.now();
    entry.guise = name(mailing.guise);
    const int status = entry.status;
    parts_.journal.add(std::move(entry), era);
    return status;
}

int Notifier::send(const Mailing& mailing) {
    const bank::DueNotification& notification = mailing.notification;
    const auto url = parse_http_url(parts_.faults.rewritten(notification.notify_url));
    const auto merchant = parts_.merchants.find(notification.mchid);
    // Without an APIv3 key nothing is ever sent (wechat_spec, Account setup).
    if (!url || !merchant || merchant->apiv3_key.empty()) return 0;
    // A connection of its own each time: an idle one would occupy a thread of many a receiver.
    httplib::Client client(url->origin);
    client.set_tcp_nodelay(true);
    client.set_keep_alive(false);
    client.set_connection_timeout(connect_timeout_s);
    client.set_read_timeout(answer_timeout_s);
    client.set_write_timeout(answer_timeout_s);
    client.enable_server_certificate_verification(false);  // test receivers have test certificates
    const Registered registered(*in_flight_, client);
    if (registered.is_stopped()) return 0;

    const std::string other_key(32, 'k');
    const std::string& key = mailing.has_wrong_key ? other_key : merchant->apiv3_key;
    const std::string body = notification_body(notification, key, parts_.switches.get());
    auto signed_headers =
        merchant->notification_signer().headers(body, parts_.real.now() - mailing.signing.signed_ago);
    spoil(signed_headers, mailing.signing);
    httplib::Headers headers = {
        {"User-Agent", "Mozilla/4.0"}, {"Accept", "*/*"}, {"Request-ID", random_text(30) + "-0"}};
    for (auto& [name, value] : signed_headers) headers.emplace(name, value);
    const auto result = client.Post(url->path, headers, body, "application/json");
    return result ? result->status : 0;
}

}  // namespace tixian::mock
