#include <cstdio>

#include <tixian/memory/memory_ledger.hpp>
#include <tixian/tixian.hpp>

int main() {
    tixian::MemoryLedger ledger;
    std::puts(tixian::Money::parse_yuan("12.34").value().yuan().c_str());
    return ledger.trial_balance().value().empty() ? 0 : 1;
}
