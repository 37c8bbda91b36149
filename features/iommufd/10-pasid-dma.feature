@area:pasid @needs:iommufd @needs:pasid
Feature: What requests with a PASID reach

  @rule:IFD-PAS-05 @kind:observed @profile:iommufd
  Rule: A PASID that cannot move stays where it was

    Source: Yi Liu, "iommu: Introduce a replace API for device pasid", 4 Nov 2024 "The pasid will keep the old configuration if replacement failed."

    Example: refused
      Given d1 has PASIDs of 8 bits
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags PASID
      And a HWPT H2 of I1 for D1
      And the user has 4 KiB as P1 in I1 at 0x1000_0000
      And the user attaches D1 with PASID 5 to H1
      When the user moves D1 with PASID 5 to H2, refused with EINVAL
      Then d1 with PASID 5 writing 0x1000_0008 reaches P1 + 8 of the user

    Example: whatever runs out
      Given d1 has PASIDs of 8 bits
      And an IOAS I1
      And an IOAS I2
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags PASID
      And a HWPT H2 of I2 for D1 with flags PASID
      And the user has 4 KiB as P1 in I1 at 0x1000_0000
      And the user attaches D1 with PASID 5 to H1
      Then moving D1 with PASID 5 to H2 leaves no trace, whichever allocation fails

  @rule:IFD-PAS-06 @kind:observed @profile:iommufd
  Rule: Where one device of a group cannot have it, none has

    Source: "[PATCH v6 4/5] iommu: Introduce pci_dev_reset_iommu_prepare/done()", 18 Nov 2025, drivers/iommu/iommu.c "for_each_group_device(group, device)"

    Example: whatever runs out on the way
      Given d1 has PASIDs of 8 bits
      And d2 has PASIDs of 8 bits
      And d2 is in the group of d1
      And an IOAS I1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And a HWPT H1 of I1 for D1 with flags PASID
      Then attaching D1 with PASID 200 to H1 leaves no trace, whichever allocation fails

    Example: nor on the way from another HWPT
      Given d1 has PASIDs of 8 bits
      And d2 has PASIDs of 8 bits
      And d2 is in the group of d1
      And an IOAS I1
      And the user binds d1 as D1
      And the user binds d2 as D2
      And a HWPT H1 of I1 for D1 with flags PASID
      And a HWPT H2 of I1 for D1 with flags PASID
      And the user attaches D1 with PASID 200 to H1
      Then moving D1 with PASID 200 to H2 leaves no trace, whichever allocation fails

  @rule:IFD-PAS-07 @kind:observed @profile:iommufd
  Rule: Requests with a PASID and those without are translated by themselves

    Source: Linux, include/uapi/linux/iommufd.h "The domain can be attached to any PASID on the device"

    Scenario Outline: <who> reaches what it is attached to
      Given d1 has PASIDs of 8 bits
      And an IOAS I1
      And an IOAS I2
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags PASID
      And a HWPT H2 of I2 for D1 with flags PASID
      And the user has 4 KiB as P1 in I1 at 0x1000_0000
      And the user attaches D1 to H2
      When the user attaches D1 with PASID 5 to H1
      Then <who> writing 0x1000_0000 <reaches>

      Examples:
        | who               | reaches                 |
        | d1 with PASID 5   | reaches P1 of the user  |
        | d1                | faults                  |

    Example: the device leaves, its PASID stays
      Given d1 has PASIDs of 8 bits
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags PASID
      And the user has 4 KiB as P1 in I1 at 0x1000_0000
      And the user attaches D1 to H1
      And the user attaches D1 with PASID 5 to H1
      When the user detaches D1
      Then d1 with PASID 5 writing 0x1000_0008 reaches P1 + 8 of the user
      And d1 reading 0x1000_0000 faults

    Example: the PASID leaves, its device stays
      Given d1 has PASIDs of 8 bits
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags PASID
      And the user has 4 KiB as P1 in I1 at 0x1000_0000
      And the user attaches D1 to H1
      And the user attaches D1 with PASID 5 to H1
      When the user detaches D1 with PASID 5
      Then d1 writing 0x1000_0008 reaches P1 + 8 of the user
      And d1 with PASID 5 reading 0x1000_0000 faults

  @rule:IFD-PAS-08 @kind:observed @profile:iommufd
  Rule: What a device reserves is reserved for requests without PASID alone

    Source: Linux at 03c9b102bea6, drivers/iommu/iommufd/device.c "per-device reserved regions are only updated during individual device attachment"

    Example: a PASID is attached over them
      Given d1 has PASIDs of 8 bits
      And d1 has a reserved region of 64 KiB at 0x2000_0000
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags PASID
      And the user has 4 KiB as P1 in I1 at 0x2000_0000
      When the user attaches D1 with PASID 5 to H1
      Then the user maps 4 KiB of P1 in I1 at 0x2000_1000
      And the user attaches D1 to H1, refused with EADDRINUSE

    Example: and does not free them when it is detached
      Given d1 has PASIDs of 8 bits
      And d1 has a reserved region of 64 KiB at 0x2000_0000
      And an IOAS I1
      And the user binds d1 as D1
      And a HWPT H1 of I1 for D1 with flags PASID
      And the user allocates 4 KiB as P1
      And the user attaches D1 to H1
      And the user attaches D1 with PASID 5 to H1
      When the user detaches D1 with PASID 5
      Then the user maps 4 KiB of P1 in I1 at 0x2000_0000, refused with EINVAL
