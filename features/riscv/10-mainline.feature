@area:mainline @needs:iommu @needs:paging
Feature: What the driver in Linux does

  @rule:RVN-ML-01 @kind:observed @profile:riscv-review @profile:riscv-mainline
  Rule: A device with an id that the directory has no place for is refused with ENODEV when it is probed

    Source: Linux at b6e2174ef49b, drivers/iommu/riscv/iommu.c "if (!dc) { kfree(info); return ERR_PTR(-ENODEV);"

    Scenario Outline: ids <ids>
      Given IOMMU 0 has directories of 2 levels
      And d1 has the ids <ids>
      Then probing d1 is refused with ENODEV

      Examples:
        | ids         |
        | 0x8000      |
        | 0x1, 0x8000 |

  @rule:RVN-ML-02 @kind:observed @profile:riscv-review @profile:riscv-mainline
  Rule: A domain has the widest mode that the hardware has, and without any it is refused with ENODEV

    Source: Linux at b6e2174ef49b, drivers/iommu/riscv/iommu.c "cannot find supported page table mode"

    Scenario Outline: where hardware has <first> and <second>, <mode>
      Given IOMMU 0 has <first>
      And IOMMU 0 has <second>
      And a domain A for d1
      And the driver maps 4 KiB at 0x3f_ffff_f000 in A to PA 0x8000_0000, read-write
      When the driver attaches d1 to A
      Then the device context of d1 has iosatp.MODE <mode>
      And d1 reading 0x3f_ffff_f008 reaches PA 0x8000_0008

      Examples:
        | first   | second  | mode |
        | no DBG  | no DBG  | Sv57 |
        | no Sv57 | no DBG  | Sv48 |
        | no Sv57 | no Sv48 | Sv39 |

    Example: none
      Given IOMMU 0 has no Sv57
      And IOMMU 0 has no Sv48
      And IOMMU 0 has no Sv39
      Then allocating domain A for d1 is refused with ENODEV

  @rule:RVN-ML-03 @kind:observed @profile:riscv-review @profile:riscv-mainline
  Rule: An attach that cannot be is refused before the device context changes: ENODEV for a mode, ENOMEM for the bond

    Source: Linux at b6e2174ef49b, drivers/iommu/riscv/iommu.c "if (!riscv_iommu_pt_supported(iommu, domain->pgd_mode)) return -ENODEV;"

    Example: a mode that the other IOMMU does not have
      Given there are 2 IOMMUs
      And IOMMU 1 has no Sv57
      And d2 is behind IOMMU 1
      And a domain A for d1
      And a domain B for d2
      And the driver maps 4 KiB at 0x1000 in B to PA 0x8000_0000, read-write
      And the driver attaches d2 to B
      When replacing the domain of d2 by A is refused with ENODEV
      Then d2 reading 0x1008 reaches PA 0x8000_0008

    Example: no bond
      Given a domain A for d1
      And a domain B for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      Then replacing the domain of d1 by B leaves no trace, whichever allocation fails

  @rule:RVN-ML-04 @kind:observed @profile:riscv-review @profile:riscv-mainline @needs:identity
  Rule: An identity domain is a valid context without stages and without a tag, and the domain before it is let go

    Source: Linux at b6e2174ef49b, drivers/iommu/riscv/iommu.c "riscv_iommu_iodir_update(iommu, dev, RISCV_IOMMU_FSC_BARE, RISCV_IOMMU_PC_TA_V);"

    Example: after a domain with a page table
      Given a domain A for d1
      And an identity domain B for d1
      And the driver attaches d1 to A
      When the driver replaces the domain of d1 by B
      Then d1 reading 0x8000_0008 reaches PA 0x8000_0008
      And the device context of d1 has tc.V 1
      And the device context of d1 has iosatp.MODE Bare
      And the device context of d1 has ta.PSCID 0
      And freeing A is accepted

  @rule:RVN-ML-05 @kind:observed @profile:riscv-mainline
  Rule: A valid context is made invalid first and a fence follows; each pass drops the context, and what is not valid costs no first pass

    Source: Linux at b6e2174ef49b, drivers/iommu/riscv/iommu.c "Invalidate device context after update"

    Example: from one domain to another
      Given a domain A for d1
      And a domain B for d1
      And the driver attaches d1 to A
      Then replacing the domain of d1 by B gives the commands "IODIR.INVAL_DDT deviceId 0x1, IOFENCE.C, IODIR.INVAL_DDT deviceId 0x1, IOFENCE.C, IOTINVAL.VMA pscid 0x1, IOFENCE.C"

    Example: from nothing
      Given a domain A for d1
      Then attaching d1 to A gives the commands "IODIR.INVAL_DDT deviceId 0x1, IOFENCE.C"

  @rule:RVN-ML-06 @kind:observed @profile:riscv-review @profile:riscv-mainline
  Rule: An unmapping of less than 2 MiB is invalidated page by page, another as a whole

    Source: Linux at b6e2174ef49b, drivers/iommu/riscv/iommu.c "if (len && len < RISCV_IOMMU_IOTLB_INVAL_LIMIT)"

    Scenario Outline: <range>
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver maps 4 MiB at 0x20_0000 in A to PA 0x8000_0000, read-write
      And d1 reads 0x20_1000
      When unmapping <range> in A gives a command <times>
      Then d1 reading 0x20_1000 faults

      Examples:
        | range              | times   |
        | 4 KiB at 0x20_1000 | 2 times |
        | 2 MiB at 0x20_0000 | 2 times |

      @heavy
      Examples:
        | range                 | times     |
        | 2044 KiB at 0x20_1000 | 512 times |
        | 2 MiB at 0x20_1000    | 2 times   |
        | 2052 KiB at 0x20_0000 | 2 times   |

    Example: and each page by its address
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver maps 16 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      Then unmapping 8 KiB at 0x2000 in A gives the commands "IOTINVAL.VMA pscid 0x1 address 0x2000, IOTINVAL.VMA pscid 0x1 address 0x3000, IOFENCE.C"

  @rule:RVN-ML-07 @kind:observed @profile:riscv-review @profile:riscv-mainline
  Rule: Each IOMMU is told once, however many devices behind it use the domain

    Source: Linux at b6e2174ef49b, drivers/iommu/riscv/iommu.c "if already sent to the IOMMU for the same PSCID"

    Example: three devices behind two IOMMUs
      Given there are 2 IOMMUs
      And d3 is behind IOMMU 1
      And a domain A for d1
      And the driver attaches d1 to A
      And the driver attaches d3 to A
      And the driver attaches d2 to A
      And the driver maps 16 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      When unmapping 4 KiB at 0x1000 in A gives a command 4 times
      Then d3 reading 0x1000 faults

  @rule:RVN-ML-08 @kind:observed @profile:riscv-mainline
  Rule: The tag of a domain is dropped from an IOMMU with the last device there, and not before

    Source: Linux at b6e2174ef49b, drivers/iommu/riscv/iommu.c "invalidate all cached entries for domain's PSCID."

    Example: two devices
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver attaches d2 to A
      Then detaching d1 from A gives no command "IOTINVAL.VMA"
      And detaching d2 from A gives the commands "IODIR.INVAL_DDT deviceId 0x2, IOFENCE.C, IODIR.INVAL_DDT deviceId 0x2, IOFENCE.C, IOTINVAL.VMA pscid 0x1, IOFENCE.C"

  @rule:RVN-ML-09 @kind:observed @profile:riscv-review @profile:riscv-mainline
  Rule: A domain is freed without any bond left

    Source: Linux at b6e2174ef49b, drivers/iommu/riscv/iommu.c "WARN_ON(!list_empty(&domain->bonds));"

    Example: after another took its place
      Given a domain A for d1
      And a domain B for d1
      And the driver maps 4 KiB at 0x1000 in B to PA 0x8000_0000, read-write
      And the driver attaches d1 to A
      And the driver replaces the domain of d1 by B
      When the driver frees A
      Then d1 reading 0x1008 reaches PA 0x8000_0008

    Example: after the device went
      Given a domain A for d1
      And the driver attaches d1 to A
      And the driver releases d1
      Then freeing A is accepted

  @rule:RVN-ML-10 @kind:observed
  Rule: An IOMMU that is in use, has another byte order or has no interrupt is not taken

    Source: Linux at b6e2174ef49b, drivers/iommu/riscv/iommu.c "if (!is_kdump_kernel()) return -EBUSY;"

    Excluded: every scene begins with hardware after reset; drivers/riscv/driver.test.ts starts the driver on hardware that is in use

  @rule:RVN-ML-11 @kind:observed @profile:riscv-review @profile:riscv-mainline
  Rule: The directory has as many levels as the hardware takes, found by trying from the most on

    Source: Linux at b6e2174ef49b, drivers/iommu/riscv/iommu.c "If we got off/bare, try again with a smaller xLVL."

    Scenario Outline: of <levels>
      Given IOMMU 0 has directories of <levels>
      And d1 has the id <id>
      And a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      When the driver attaches d1 to A
      Then d1 reading 0x1008 reaches PA 0x8000_0008

      Examples:
        | levels   | id        |
        | 1 level  | 0x3f      |
        | 2 levels | 0x7fff    |
        | 3 levels | 0xff_ffff |

  @rule:RVN-ML-12 @kind:observed @profile:riscv-mainline
  Rule: Flags, nested domains and questions about the hardware are all refused

    Source: Linux at b6e2174ef49b, drivers/iommu/riscv/iommu.c ".domain_alloc_paging = riscv_iommu_alloc_paging_domain,"

    The table of operations has no other allocation and no hw_info. The core then tells user space of hardware without a type.

    Scenario Outline: <flags>
      Then allocating domain A for d1 with flags <flags> is refused with EOPNOTSUPP

      Examples:
        | flags |
        | 0x1   |
        | 0x2   |
        | 0x10  |

    Example: a nested domain
      Given a domain A for d1
      Then allocating nested domain B for d1 on A is refused with EOPNOTSUPP

    Example: the hardware
      Given a domain A for d1
      Then asking for the hardware information of d1 is refused with EOPNOTSUPP

  @rule:RVN-ML-13 @kind:observed
  Rule: Binding to iommufd takes a capability that the driver does not claim

    Source: Linux at b6e2174ef49b, drivers/iommu/riscv/iommu.c "static const struct iommu_ops riscv_iommu_ops"

    Excluded: iommufd binds devices, and this interface is below it; that the table of operations has no capable() shows in no call of a driver
