// SPDX-License-Identifier: MIT
#include "mock/notifier.hpp"

#include <mutex>
#include <set>
#include <utility>

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

Notifier::Notifier(Parts parts)
    : parts_(std::move(parts)), late_(parts_.business), in_flight_(std::make_unique<InFlight>()) {}

Notifier::~Notifier() { stop(); }

void Notifier::start() {
    late_.start();
    for (std::size_t i = 0; i < sender_count; ++i) threads_.emplace_back([this] { run(); });
}

void Notifier::stop() {
    {
        const std::lock_guard lock(in_flight_->mutex);
        in_flight_->is_stopped = true;
        for (httplib::Client* client : in_flight_->clients) client->stop();
    }
    late_.stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void Notifier::run() {
    while (const auto notification = parts_.bank.next_notification()) begin(*notification);
}

void Notifier::begin(const bank::DueNotification& notification) {
    faults::Situation situation;
    situation.endpoint = faults::Endpoint::notification;
    situation.mchid = notification.mchid;
    if (const bank::Bill* bill = notification.bill()) {
        situation.number = bill->order.out_bill_no;
        situation.openid = bill->order.openid;
        situation.amount = bill->order.amount;
    }
    const Timestamp now = parts_.business.now();
    const MailingPlan plan = plan_mailings(notification, parts_.faults.draw(std::move(situation), now));
    if (plan.rotates_key) parts_.rotate_key(notification.mchid);
    if (plan.late_by.count() > 0) {
        return late_.at(now + plan.late_by, notification.mchid,
                        [this, plan, notification] { finish(plan, notification); });
    }
    if (plan.held_within.count() == 0) return finish(plan, notification);
    {
        const std::lock_guard lock(mutex_);
        held_[notification.id] = {plan, notification};
    }
    late_.at(now + plan.held_within, notification.mchid, [this, id = notification.id] { finish_held(id); });
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
    parts_.bank.with(
        [&](bank::Bank& bank, Timestamp now) { bank.notification_answered(notification.id, ok, now); });
    finish_held_of(notification.mchid);
}

void Notifier::finish_held(const std::string& id) {
    std::optional<Held> held;
    {
        const std::lock_guard lock(mutex_);
        const auto found = held_.find(id);
        if (found == held_.end()) return;
        held = std::move(found->second);
        held_.erase(found);
    }
    finish(held->plan, held->notification);
}

// Another one of the merchant was sent: those that were held back for it come after it.
void Notifier::finish_held_of(const std::string& mchid) {
    for (const Held& one : take_held_of(mchid)) finish(one.plan, one.notification);
}

std::vector<Notifier::Held> Notifier::take_held_of(const std::string& mchid) {
    std::vector<Held> taken;
    const std::lock_guard lock(mutex_);
    for (auto one = held_.begin(); one != held_.end();) {
        if (mchid.empty() || one->second.notification.mchid == mchid) {
            taken.push_back(std::move(one->second));
            one = held_.erase(one);
        } else {
            ++one;
        }
    }
    return taken;
}

void Notifier::forget(const std::string& mchid) {
    late_.clear(mchid);
    static_cast<void>(take_held_of(mchid));
}

int Notifier::replay(const bank::DueNotification& notification) {
    return mail({Guise::repeated, notification, {}, false}, {"notification_repeated"});
}

int Notifier::mail(const Mailing& mailing, const std::vector<std::string>& faults) {
    JournalEntry entry;
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
    entry.guise = name(mailing.guise);
    const int status = entry.status;
    parts_.journal.add(std::move(entry));
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
