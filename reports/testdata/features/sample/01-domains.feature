@needs:paging
Feature: Domains of the sample system

  @rule:DOM-FREE-01 @kind:hardened
  Rule: A domain whose table could not be freed stays allocated

    Source: Review of the sample series, 2024-06-12 "what if this fails?"

    Example: a failed free keeps the domain
      Given a domain A for d1
      When the driver frees A, refused with EBUSY
      Then A is still allocated

  @rule:DOM-ID-01 @kind:observed
  Rule: Identifiers are handed out from the lowest

    Source: Sample series v2, 2024-06-03 "ida_alloc"

    Scenario Outline: the identifier after <taken>
      Given <taken> domains
      When the driver allocates a domain
      Then its identifier is <next>

      @profile:sample-v2
      Examples: as in version 2
        | taken | next |
        | 0     | 1    |

      @profile:sample-v3 @heavy
      Examples: as in version 3
        | taken | next  |
        | 65535 | 65536 |

  @rule:DOM-LOCK-01 @kind:open @needs:two-cpus
  Rule: Two attaches of one device at once have one winner

    Source: Review of the sample series, 2024-06-12 "which lock protects this?"

    Example: two CPUs, two domains
      Given a domain A for d1
      And a domain B for d1
      Then of attaching d1 to A and to B at once, one succeeds

  @rule:DOM-PASID-01 @kind:spec
  Rule: A PASID selects its own domain

    Source: Sample architecture manual, revision B, 2023-11-20 "each PASID has a table"
    Excluded: the sample hardware has no PASID

  @rule:DOM-INIT-01 @kind:patch @profile:sample-v2
  Rule: A driver without a back end refuses to start

    Source: Sample series v2, 2024-06-03 "return -ENODEV"
