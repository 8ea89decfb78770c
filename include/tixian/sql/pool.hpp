// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "tixian/sql/session.hpp"

namespace tixian::sql {

/// A session over a connection of our own.
class Connection : public Session {
 public:
    /// Nothing more can come of it: lost, or in a transaction that could not be rolled back.
    [[nodiscard]] virtual bool is_broken() const = 0;
    /// Whether the other side still answers.
    [[nodiscard]] virtual bool ping() = 0;
};

struct PoolOptions {
    std::size_t connections_max = 8;
    /// How long a caller waits for a connection, and a new connection for the server.
    std::chrono::milliseconds take_within = std::chrono::seconds(5);
    /// A connection that was idle for longer is asked before it is used.
    std::chrono::milliseconds check_after_idle = std::chrono::seconds(10);
};

/// Connections that are made when they are needed and used again. Thread-safe.
class Pool {
 public:
    using Connect = std::function<Result<std::unique_ptr<Connection>>()>;

    /// A connection that goes back, or away when it is broken, at the end of its scope. The pool must live
    /// longer.
    class Lease {
     public:
        Lease(Pool& pool, std::unique_ptr<Connection> connection)
            : pool_(&pool), connection_(std::move(connection)) {}
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (pool_ && connection_) pool_->give_back(std::move(connection_));
        }

        [[nodiscard]] Connection& operator*() const { return *connection_; }
        [[nodiscard]] Connection* operator->() const { return connection_.get(); }

     private:
        Pool* pool_;
        std::unique_ptr<Connection> connection_;
    };

    Pool(Connect connect, PoolOptions options = {}) : connect_(std::move(connect)), options_(options) {}

    /// Refuses (`ledger_unavailable`) when none becomes free in time, or none can be made.
    [[nodiscard]] Result<Lease> take() {
        std::unique_lock lock(mutex_);
        const bool is_in_time =
            changed_.wait_for(lock, options_.take_within, [&] { return taken_ < options_.connections_max; });
        if (!is_in_time)
            return refuse(ErrorCode::ledger_unavailable, "all connections to the database are in use");
        ++taken_;
        while (!idle_.empty()) {
            Idle idle = std::move(idle_.back());
            idle_.pop_back();
            lock.unlock();
            const bool is_fresh = std::chrono::steady_clock::now() - idle.since < options_.check_after_idle;
            if (is_fresh || idle.connection->ping()) return Lease(*this, std::move(idle.connection));
            idle.connection.reset();
            lock.lock();
        }
        lock.unlock();
        auto made = connect_();
        if (made) return Lease(*this, std::move(*made));
        forget_one();
        return tl::unexpected(made.error());
    }

    /// What is idle is closed: a lost server has lost all of them.
    void close_idle() {
        std::vector<Idle> closing;
        const std::lock_guard lock(mutex_);
        closing.swap(idle_);
    }

 private:
    struct Idle {
        std::unique_ptr<Connection> connection;
        std::chrono::steady_clock::time_point since;
    };

    void give_back(std::unique_ptr<Connection> connection) {
        if (connection->is_broken()) {
            connection.reset();
        } else {
            const std::lock_guard lock(mutex_);
            idle_.push_back({std::move(connection), std::chrono::steady_clock::now()});
        }
        forget_one();
    }
    void forget_one() {
        {
            const std::lock_guard lock(mutex_);
            --taken_;
        }
        changed_.notify_one();
    }

    Connect connect_;
    const PoolOptions options_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Idle> idle_;
    std::size_t taken_ = 0;
};

}  // namespace tixian::sql
