// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "tixian/ledger.hpp"

namespace tixian::bench {

/// Stores the rows of a load as a ledger does, by hand and without any rule. Used by one thread.
class ReferenceWriter {
 public:
    virtual ~ReferenceWriter() = default;

    /// Stores what these steps of a Load leave, in one transaction. Throws when it cannot.
    virtual void write(std::span<const Change> changes) = 0;
};

/// One kind of ledger that is measured, and what it is measured against. Several can be open at a time, each
/// in a place of its own: a file, a schema, whatever keeps them apart.
class Subject {
 public:
    virtual ~Subject() = default;

    /// As it stands in the table.
    [[nodiscard]] virtual std::string name() const = 0;
    /// A new, empty ledger; what was at this place before is gone. Throws when there can be none. `place` is
    /// one lower-case word.
    [[nodiscard]] virtual std::unique_ptr<Ledger> ledger(const std::string& place) = 0;
    /// Goes on where the ledger of this place stopped, which is closed by now.
    [[nodiscard]] virtual std::unique_ptr<ReferenceWriter> reference(const std::string& place) = 0;
    /// All stored rows as text, a line each, so that what both wrote can be compared. Empty where nothing is
    /// left behind.
    [[nodiscard]] virtual std::string contents(const std::string& place) = 0;
};

/// A ledger whose tables can be filled past its rules, so that very many rows take little time.
class FillableSubject : public Subject {
 public:
    /// The ledger of this place again, as it was left.
    [[nodiscard]] virtual std::unique_ptr<Ledger> reopened(const std::string& place) = 0;
    /// Copies the only withdrawal of the ledger of this place, which is closed by now, with its changes. The
    /// copies have users, numbers and keys of their own.
    virtual void fill(const std::string& place, std::size_t copies) = 0;
};

}  // namespace tixian::bench
