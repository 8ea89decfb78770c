// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "tixian/lanes.hpp"
#include "tixian/ledger.hpp"

namespace tixian::server {

/// A ledger, and what its servers share. Without lanes this process is the only one on it.
struct Database {
    std::unique_ptr<Ledger> ledger;
    std::unique_ptr<Lanes> lanes;  ///< uses the ledger's connections
};

/// What a setting names: `postgresql://…`, `mysql://…`, or else a SQLite file.
[[nodiscard]] Result<Database> open_database(const std::string& database);

}  // namespace tixian::server
