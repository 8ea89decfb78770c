// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <future>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tixian/forwarding_ledger.hpp"

namespace tixian {

struct GroupCommitOptions {
    /// How many changes one batch takes at most. One caller's changes stay together, even above it.
    std::size_t batch_max = 256;
    /// How many changes may wait when one more submit() is taken.
    std::size_t waiting_max = 8192;
    /// How long a blocking commit waits for its batch to begin.
    std::chrono::milliseconds wait_max{5000};
};

/// A ledger before a ledger: commits that come while another one is on its way gather and go as one batch, in
/// the order in which they came. A commit that comes alone goes at once, and a blocking one on its caller's
/// own thread. Each caller hears the outcomes of its own changes, and only after they are durable; when a
/// batch is in doubt, all of its callers hear Unknown. Thread-safe; reads go straight through.
class GroupCommit : public ForwardingLedger {
 public:
    /// Called once, on the committing thread, with one outcome for each change in order. It must not throw,
    /// and should be quick: the next batch waits for it.
    using Done = std::function<void(std::vector<Outcome>)>;

    /// Borrows the ledger.
    explicit GroupCommit(Ledger& ledger, GroupCommitOptions options = {})
        : ForwardingLedger(ledger), options_(options), thread_([this] { run(); }) {}

    GroupCommit(const GroupCommit&) = delete;
    GroupCommit& operator=(const GroupCommit&) = delete;
    ~GroupCommit() override { stop(); }

    /// Commits without waiting. Where too many wait already, or after stop(), `done` hears Unknown at once,
    /// on this thread, and nothing was committed.
    void submit(std::vector<Change> changes, Done done) {
        std::unique_lock lock(mutex_);
        const bool is_full = waiting_ > 0 && waiting_ + changes.size() > options_.waiting_max;
        if (stopping_ || is_full) {
            lock.unlock();
            done(unknown(changes.size(), is_full ? "too many commits are waiting" : stopped_text));
            return;
        }
        enqueue({std::move(changes), {}, std::move(done), nullptr});
    }

    /// Commits, and waits until it is done. Where its batch does not begin in time, or after stop(), it is
    /// answered Unknown and nothing was committed.
    [[nodiscard]] std::vector<Outcome> commit(std::span<const Change> changes) override {
        // A callback that commits would wait for itself.
        if (std::this_thread::get_id() == committer_) return commit_now(changes);
        // Shared, because the committer may still be inside set_value() when the waiting thread goes on.
        const auto answer = std::make_shared<std::promise<std::vector<Outcome>>>();
        auto answered = answer->get_future();
        bool is_taken = false;
        std::list<Waiting>::iterator place;
        {
            std::unique_lock lock(mutex_);
            if (stopping_) return unknown(changes.size(), stopped_text);
            if (!is_committing_ && queue_.empty()) return commit_alone(changes, lock);
            place =
                enqueue({{},
                         changes,
                         [answer](std::vector<Outcome> outcomes) { answer->set_value(std::move(outcomes)); },
                         &is_taken});
        }
        if (answered.wait_for(options_.wait_max) != std::future_status::ready) {
            const std::lock_guard lock(mutex_);
            if (!is_taken) {
                waiting_ -= changes.size();
                queue_.erase(place);
                return unknown(changes.size(), "the commits before it took too long");
            }
        }
        return answered.get();
    }

    /// Commits what was accepted, calls every callback, and ends; not to be called by a callback. Later
    /// commits are answered Unknown.
    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        arrived_.notify_all();
        const std::lock_guard joining(join_mutex_);
        if (thread_.joinable()) thread_.join();
    }

    /// How many changes wait for the next batch.
    [[nodiscard]] std::size_t waiting() const {
        const std::lock_guard lock(mutex_);
        return waiting_;
    }

 private:
    static constexpr const char* stopped_text = "the group commit has been stopped";

    /// What one caller commits: its own copy, or the changes of a caller that waits.
    struct Waiting {
        std::vector<Change> owned;
        std::span<const Change> borrowed;
        Done done;
        bool* is_taken;  ///< set when its batch begins: from then on its caller waits for the end

        [[nodiscard]] std::span<const Change> changes() const {
            return owned.empty() ? borrowed : std::span<const Change>(owned);
        }
    };

    [[nodiscard]] static std::vector<Outcome> unknown(std::size_t count, const std::string& reason) {
        return std::vector<Outcome>(count, Unknown{reason});
    }

    /// Nobody else commits or waits, so there is nothing to gather with. Called with the lock held.
    [[nodiscard]] std::vector<Outcome> commit_alone(std::span<const Change> changes,
                                                    std::unique_lock<std::mutex>& lock) {
        is_committing_ = true;
        lock.unlock();
        std::vector<Outcome> outcomes = commit_now(changes);
        lock.lock();
        is_committing_ = false;
        if (stopping_ || !queue_.empty()) arrived_.notify_one();
        return outcomes;
    }

    /// Called with the lock held.
    std::list<Waiting>::iterator enqueue(Waiting waiting) {
        waiting_ += waiting.changes().size();
        queue_.push_back(std::move(waiting));
        if (!is_committing_) arrived_.notify_one();
        return std::prev(queue_.end());
    }

    void run() {
        std::unique_lock lock(mutex_);
        while (true) {
            arrived_.wait(lock, [&] { return !is_committing_ && (stopping_ || !queue_.empty()); });
            if (queue_.empty()) return;
            const std::list<Waiting> batch = take_batch();
            is_committing_ = true;
            lock.unlock();
            commit_batch(batch);
            lock.lock();
            is_committing_ = false;
        }
    }

    /// Those that have waited longest, within the batch's bound; called with the lock held.
    [[nodiscard]] std::list<Waiting> take_batch() {
        auto end = queue_.begin();
        std::size_t taken = 0;
        for (; end != queue_.end(); ++end) {
            const std::size_t count = end->changes().size();
            if (end != queue_.begin() && taken + count > options_.batch_max) break;
            taken += count;
            if (end->is_taken != nullptr) *end->is_taken = true;
        }
        std::list<Waiting> batch;
        batch.splice(batch.begin(), queue_, queue_.begin(), end);
        waiting_ -= taken;
        return batch;
    }

    void commit_batch(const std::list<Waiting>& batch) {
        if (batch.size() == 1) {
            batch.front().done(commit_now(batch.front().changes()));
            return;
        }
        std::vector<Change> together;
        for (const Waiting& one : batch) {
            const auto changes = one.changes();
            together.insert(together.end(), changes.begin(), changes.end());
        }
        const std::vector<Outcome> outcomes = commit_now(together);
        auto next = outcomes.begin();
        for (const Waiting& one : batch) {
            const auto end = next + static_cast<std::ptrdiff_t>(one.changes().size());
            one.done(std::vector<Outcome>(next, end));
            next = end;
        }
    }

    /// Always one outcome for each change: a ledger that breaks its promise leaves them in doubt.
    [[nodiscard]] std::vector<Outcome> commit_now(std::span<const Change> changes) {
        try {
            std::vector<Outcome> outcomes = ledger().commit(changes);
            if (outcomes.size() == changes.size()) return outcomes;
            return unknown(changes.size(), "the ledger answered for another number of changes");
        } catch (const std::exception& error) {
            return unknown(changes.size(), std::string("the ledger failed: ") + error.what());
        }
    }

    const GroupCommitOptions options_;

    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::list<Waiting> queue_;
    std::size_t waiting_ = 0;
    bool is_committing_ = false;  ///< a batch, or one that came alone, is on its way
    bool stopping_ = false;
    std::mutex join_mutex_;
    std::thread thread_;  // after all that it uses, so that it is there when it starts
    const std::thread::id committer_ = thread_.get_id();
};

}  // namespace tixian
