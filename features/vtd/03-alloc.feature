@area:alloc @needs:iommu
Feature: Allocating page tables of the host's, and doing without them again

  @rule:VTDN-ALLOC-10 @kind:observed @profile:vtd-mainline @needs:nesting
  Rule: A parent lives as long as a first stage of a guest that stands on it

    Source: Linux at 00939bebe51c, drivers/iommu/intel/iommu.c "!list_empty(&dmar_domain->s1_domains)))"

    Example: freeing it before is refused, and changes nothing
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      When the driver frees A, refused with EBUSY
      Then d1 reading 0x1008 reaches PA 0x8000_0008
      And 0x20_0000 in A translates to PA 0x8000_0000

    Example: where nobody is attached, too
      Given a nest parent A for d1
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver frees A, refused with EBUSY
      Then allocating nested domain C for d1 on A is accepted

    Example: until the last of two is freed
      Given a nest parent A for d1
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a nested domain C for d1 on A with its tables at GPA 0x10_0000
      When the driver frees B
      Then freeing A is refused with EBUSY
      And freeing C is accepted
      And freeing A is accepted

    Example: one that was refused does not count
      Given a nest parent A for d1
      When the driver allocates nested domain B for d1 on A, refused with EINVAL, from:
        | (length) | 23 |
      Then freeing A is accepted

    Example: one that there was no memory for does not count
      Given a nest parent A for d1
      And the next allocation fails
      When the driver allocates nested domain B for d1 on A, refused with ENOMEM, from:
        | addr_width | 48 |
      Then freeing A is accepted

    Example: neither is freed while a device is attached to the upper one
      Given a nest parent A for d1
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And freeing B is refused with EBUSY
      When the driver detaches d1 from B
      Then freeing B is accepted
      And freeing A is accepted

  @rule:VTDN-ALLOC-11 @kind:observed @profile:vtd-mainline
  Rule: A page table is a first stage unless it is to be a parent, or to note what is written to, and what no unit can do is refused with EOPNOTSUPP

    Source: Linux at 00939bebe51c, drivers/iommu/intel/iommu.c "Always allocate the guest compatible page table unless"

    Scenario Outline: a <kind> is a <stage>
      Given a <kind> A for d1
      When the driver attaches d1 to A
      Then the device context of d1 has pasid.PGTT <stage>

      Examples:
        | kind              | stage       |
        | domain            | first-stage |
        | domain for PASIDs | first-stage |

      @needs:nesting
      Examples:
        | kind        | stage        |
        | nest parent | second-stage |

      @needs:dirty-tracking
      Examples:
        | kind                 | stage        |
        | dirty-tracked domain | second-stage |

    Scenario Outline: on a unit without <lack>, a domain is a <stage>
      Given IOMMU 0 has no <lack>
      And a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      When the driver attaches d1 to A
      Then the device context of d1 has pasid.PGTT <stage>
      And d1 reading 0x1008 reaches PA 0x8000_0008

      Examples:
        | lack                     | stage        |
        | FLTS, FL1GP, FL5LP, NEST | second-stage |
        | SLTS, NEST, SLADS        | first-stage  |

    Example: in legacy mode there are second stages only
      Given IOMMU 0 has no scalable mode
      And a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      When the driver attaches d1 to A
      Then the device context of d1 has context.TT second-stage
      And d1 reading 0x1008 reaches PA 0x8000_0008

    Scenario Outline: a <kind> on a unit with no <lack> is refused
      Given IOMMU 0 has no <lack>
      Then allocating <kind> A for d1 is refused with EOPNOTSUPP

      Examples:
        | kind                      | lack                                  |
        | nest parent               | NEST                                  |
        | nest parent               | SLTS, NEST, SLADS                     |
        | nest parent               | scalable mode                         |
        | dirty-tracked nest parent | NEST                                  |
        | dirty-tracked nest parent | SLADS                                 |
        | dirty-tracked domain      | SLADS                                 |
        | dirty-tracked domain      | SMPWC                                 |
        | dirty-tracked domain      | SLTS, NEST, SLADS                     |
        | dirty-tracked domain      | scalable mode                         |
        | domain                    | FLTS, FL1GP, FL5LP, SLTS, NEST, SLADS |

    Scenario Outline: a <kind> on a unit with no <lack> is not
      Given IOMMU 0 has no <lack>
      Then allocating <kind> A for d1 is accepted

      Examples:
        | kind                 | lack                     |
        | nest parent          | SLADS                    |
        | nest parent          | SMPWC                    |
        | dirty-tracked domain | NEST                     |
        | dirty-tracked domain | FLTS, FL1GP, FL5LP, NEST |

    Scenario Outline: flags <flags> are unknown
      Then allocating domain A for d1 with flags <flags> is refused with EOPNOTSUPP

      Examples:
        | flags       |
        | 0x10        |
        | 0x18        |
        | 0x8000_0000 |

    Example: data of the user is taken for no page table of the host's
      Then allocating domain A for d1 from data of the user is refused with EOPNOTSUPP

    Scenario Outline: a <kind> that there is no memory for leaves nothing
      Then allocating <kind> A for d1 leaves no trace, whichever allocation fails

      Examples:
        | kind                 |
        | domain               |
        | nest parent          |
        | dirty-tracked domain |
