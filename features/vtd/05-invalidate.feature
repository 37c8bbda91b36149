@area:invalidate @needs:iommu @needs:nesting
Feature: What a guest asks to have forgotten, entry by entry

  @rule:VTDN-INV-02 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: Entries are carried out in order up to the first bad one, and those before it are counted

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "Add batch support in cache invalidation from userspace"

    Example: the second of three
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1000
      And the guest of A unmaps 0x1000 in its tables at GPA 0x10_0000
      When the guest invalidates in B, refused with EINVAL after 1 entry:
        | addr 0x1000 | npages 1 |
        | addr 0x2800 | npages 1 |
        | addr 0x3000 | npages 1 |
      Then d1 reading 0x1000 faults

    Example: the first, so that nothing is done
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      When the guest invalidates in B, refused with EINVAL after 0 entries:
        | addr 0x1800 | npages 1 |
        | addr 0x1000 | npages 1 |
      Then d1 reading 0x1008 reaches PA 0x8000_0008

    Example: an entry that cannot be read
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then the guest invalidates in B, refused with EFAULT after 0 entries:
        | addr 0x1000 | npages 1 |
        | (address)   |          |

    Example: none is bad
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then invalidating "addr 0x5000, npages 1; addr 0x1000, npages 1" in B gives among others the commands "p_iotlb_inv page did 0x2 pasid 0x0 address 0x5000 then p_iotlb_inv page did 0x2 pasid 0x0 address 0x1000"

  @rule:VTDN-INV-03 @kind:patch
  Rule: An entry with a flag or a reserved bit that has no meaning is refused

    Source: Yi Liu, "[PATCH v4 09/12] iommu/vt-d: Add iotlb flush for nested domain", 24 July 2023 "if (req->__reserved || (req->flags & ~IOMMU_VTD_QI_FLAGS_LEAF)"

    Scenario Outline: in <version>, <cell> with <errno>
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then the guest invalidates in B, refused with <errno> after 1 entry:
        | addr 0x1000 | npages 1 | flags LEAF |
        | addr 0x1000 | npages 1 | <cell>     |

      @profile:vtd-v4
      Examples:
        | version  | cell              | errno  |
        | series 4 | flags 2           | EINVAL |
        | series 4 | flags 3           | EINVAL |
        | series 4 | flags 0x8000_0000 | EINVAL |
        | series 4 | __reserved 1      | EINVAL |

      @profile:vtd-mainline
      Examples:
        | version      | cell              | errno      |
        | the mainline | flags 2           | EOPNOTSUPP |
        | the mainline | flags 3           | EOPNOTSUPP |
        | the mainline | flags 0x8000_0000 | EOPNOTSUPP |
        | the mainline | __reserved 1      | EOPNOTSUPP |

  @rule:VTDN-INV-09 @kind:observed @profile:vtd-mainline
  Rule: Without entries nothing is done, but a type that is not known is refused all the same

    Source: Linux at 3daee2e4b356, drivers/iommu/intel/nested.c "if (array->type != IOMMU_HWPT_INVALIDATE_DATA_VTD_S1)"

    Example: the type is known
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      Then invalidating "(entries), 0" in B gives a command never

    Scenario Outline: type <type>
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then the guest invalidates in B, refused with EINVAL after 0 entries:
        | (entries) | 0      |
        | (type)    | <type> |

      Examples:
        | type |
        | 1    |
        | 99   |

  @rule:VTDN-INV-12 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: For a domain that nobody is attached to, every entry is carried out, and hardware is asked nothing

    Source: Yi Liu, "[PATCH v4 09/12] iommu/vt-d: Add iotlb flush for nested domain", 24 July 2023 "list_for_each_entry(info, &dmar_domain->devices, link)"

    Scenario Outline: <entries>
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then invalidating "<entries>" in B gives a command never

      Examples:
        | entries                                      |
        | addr 0x1000, npages 1                        |
        | addr 0x1000, npages 1; addr 0x5000, npages 9 |
        | addr 0x0, npages 0xffff_ffff_ffff_ffff       |

    Example: after the last was detached
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver detaches d1 from B
      Then invalidating "addr 0x1000, npages 1" in B gives a command never
