// Connects workers for a handover: makes the channels and gives each side its end. What goes over
// them is none of the supervisor's business (common/protocol/handover.hpp).
#pragma once

#include <cstdint>
#include <vector>

namespace baton::runtime {

class Worker;

// Those of the takers that can't take part are left out, null ones included; with none left, or a
// giver that can't, nothing happens, and the giver drains without. Of many takers it gets some,
// which ones depends on `turn`: give each giver another.
void connect_for_handover(Worker& giver, std::vector<Worker*> takers, std::uint64_t turn);

}  // namespace baton::runtime
