// What a search leaves behind where nobody looks after it: vector registers, and the stack below.
#ifndef LADON_MATCHER_TRACES_H_
#define LADON_MATCHER_TRACES_H_

namespace ladon::matcher {

// Wipes both, of the calling thread. A compiler may put a vector aside
// on the stack as it likes, so everything is wiped that the calls of a search reach below this one.
void WipeTraces();

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_TRACES_H_
